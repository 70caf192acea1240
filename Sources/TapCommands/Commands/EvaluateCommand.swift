// `layertap evaluate`: measures the accuracy of a classifier on labeled images that were not used in training.

import LayerTap
import TapFileSystem
import TapReports
import TapText

extension Command {
  private static let predictions = Parameter<String?>.optional(
    "predictions", .file, valueName: "file",
    topic: .output, isCommon: true,
    help: """
      Write a CSV with path, label, predicted and the predicted class's probability, margin or similarity.
      """)

  private static let against = Parameter<String?>.optional(
    "against", .file, valueName: "file",
    topic: .evaluation, isCommon: true,
    help: "Compare with another classifier: the CSV that --predictions wrote for it, of the same images.")

  private static let format = Options.format(["text", "csv", "json"])

  private static let top = Parameter<Int?>.optional(
    "top", .integer(atLeast: 1), valueName: "k", defaultText: "5 with more than 5 classes, else none",
    topic: .evaluation, isCommon: true,
    help: "Also count an image as right if its class is among the k most likely ones.")

  private static let bootstrap = Parameter<Int?>.optional(
    "bootstrap", .integer(in: 0...1_000_000), valueName: "n",
    defaultText: "1000, fewer with more than 100,000 images",
    topic: .evaluation, help: "Resamples behind the intervals of balanced accuracy and F1; 0 leaves them out."
  )

  package static let evaluate = Command(
    "evaluate", overview: "Evaluate a classifier on labeled images.",
    discussion: """
      If the images have a test split, only that is evaluated; otherwise all that have a label. \
      Features are kept in the store, as 'train' does. Classes are matched by name. A model knows the images of its \
      training by their contents: the accuracy on those that are new to it comes first.
      """,
    details: """
      The text ends with the classes that are taken for one another most often; 'csv' has one number a \
      line, 'json' the whole confusion matrix. Intervals of shares are Wilson's, those of balanced accuracy and F1 come from \
      resampling the images (percentile bootstrap), at 95 %. If images are in groups (a table's, or --group-by), all \
      intervals come from resampling whole groups, and say so.
      """,
    parameters: [
      LoadedModel.parameter.declaration, DataInput.parameter.declaration, DataInput.labels.declaration,
    ] + DataInput.reading + Options.lists.declarations + Options.duplicates.declarations + [
      format.declaration, top.declaration, bootstrap.declaration, predictions.declaration,
      against.declaration, ReportFile.parameter.declaration,
    ] + LoadedModel.options + Options.storing
  ) { arguments, console in
    let reportFile = try ReportFile(arguments)
    if let path = arguments[predictions] { try FileSystem.requireWritable(path) }
    let model = try LoadedModel(arguments[LoadedModel.parameter])
    let input = DataInput(arguments[DataInput.parameter])
    try input.refuseImageOptions(
      arguments,
      LoadedModel.options + Options.storing)
    let outputs = try OutputPaths([
      ("--predictions", arguments[predictions]), ("--report", arguments[ReportFile.parameter]),
    ])
    try outputs.require(
      apartFrom: input.files(arguments) + [
        arguments[LoadedModel.parameter], arguments[against], arguments[LoadedModel.backbone],
      ])
    var (data, images) = try load(input, for: model, outputs, arguments, console)
    if case .images = input {
    } else {
      data = try DataInput.grouped(data, arguments, console, holdsBack: false)
    }
    if let groups = try DuplicateGroups(data, arguments, console) { data = groups.data }
    guard let features = data.candidates.first?.features else { preconditionFailure("no features") }
    let test = data.items.indices.filter { data.items[$0].image.split == .test }
    let evaluation = try Evaluation(
      model.classifier, on: data, features: features,
      indices: test.isEmpty ? Array(data.items.indices) : test)
    if !test.isEmpty, test.count < data.items.count {
      try console.warn(
        "Only the test split is evaluated; \(NumberText.grouped(data.items.count - test.count)) images of "
          + "other splits are left out.")
    }
    if let note = evaluation.unknownNote { try console.warn(note) }
    let counted = test.isEmpty ? "images" : "test images"
    if let warning = ClassRecalls(evaluation, counted: counted).neverPredicted {
      try console.warn(warning)
    }
    var report = EvaluationReport(
      evaluation, model.classifier, counted: counted, top: arguments[top], resamples: arguments[bootstrap])
    report.other = try arguments[against].map { try PairedComparisonReport($0, pairedWith: evaluation) }
    let isText = arguments[format] == "text"
    let findings =
      isText || reportFile != nil ? Audit.brief(data, arguments, console, isPrinted: isText) : []
    switch arguments[format] {
    case "csv": console.print(report.csv, terminator: "")
    case "json": console.print(report.json(warnings: console.warnings))
    default: console.print(report.text)
    }
    if let path = arguments[predictions] { try OutputPaths.write(report.predictions, to: path) }
    if let reportFile {
      let page = EvaluationPage(
        model.classifier, evaluation, counted: counted, top: arguments[top], images: images)
      try reportFile.write(
        page.html(
          model: arguments[LoadedModel.parameter], data: input.path, findings: findings,
          warnings: console.warnings, origin: ReportFile.origin), console)
    }
  }

  private static func load(
    _ input: DataInput, for model: LoadedModel, _ outputs: OutputPaths, _ arguments: ParsedArguments,
    _ console: Console
  ) throws -> (LabeledFeatures, ThumbnailSource?) {
    let labels = arguments[DataInput.labels]
    let source = model.classifier.source
    switch input {
    case .matrix(let path):
      var names = DataInput.names(arguments).reading(path, for: model.classifier)
      names.part = .test
      let data = try LabeledFeatures(
        matrix: path, labels: labels, names: names,
        dimensions: model.classifier.dimensions)
      for note in data.notes { try console.warn(note) }
      return (data, nil)
    case .store(let path):
      if labels != nil { throw UsageError.contradiction("a store has its labels: leave --labels out") }
      guard let source else { throw ClassifierError.noBackbone }
      let store = try FeatureStore(path: path)
      try outputs.require(outside: store.path)
      try model.classifier.requireFeatures(of: store.identity, columns: source.columns)
      return (
        try DataInput.features(of: store, columns: source.columns, console).joined,
        ThumbnailSource(folder: nil, store: store)
      )
    case .images(let path):
      let list = try DataInput.imageList(path, arguments, console, holdsBack: false)
      try outputs.require(apartFrom: list)
      let test = list.items.filter { $0.split == .test }
      try Evaluation.requireKnown((test.isEmpty ? list.items : test).map(\.label), by: model.classifier)
      let (_, backbone) = try model.images(arguments, console, prefersWhole: true)
      guard let source else { throw ClassifierError.noBackbone }
      let task = try ExtractionTask(
        list, backbone: backbone, columns: source.columns, arguments, console, recordsList: false)
      let extraction = try task.run()
      return (
        try LabeledFeatures(extraction.items, in: extraction.store, columns: source.columns).joined,
        ThumbnailSource(folder: list.folder, store: extraction.store)
      )
    }
  }
}
