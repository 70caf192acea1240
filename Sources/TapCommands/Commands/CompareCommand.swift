// `layertap compare`: finds the layer, pooling and classifier that are best for a task, and the cost of each layer.

import LayerTap
import TapFileSystem
import TapReports
import TapSettings

extension Command {
  package static let compare = Command(
    "compare", overview: "Compare layers, poolings and classifiers on labeled images.",
    discussion: """
      All layers are tapped in one pass over the images and kept in the store. Every column is judged by \
      the same held-out training images: by the val/ images if there are any, otherwise by \
      cross-validation, C being chosen for each. Only the best is then evaluated on the test images, once: \
      the best of many on the test would be a choice, and no measurement any more.

        layertap compare photos
        layertap compare photos --layers all --pool avg max --classifier logistic svm --report depth.html
        layertap compare photos --layers blocks.4 blocks.8 blocks.12 --save-best shirts.layertap
        layertap compare photos --backbone efficientnet_lite0 --backbone resnet50 --layers penultimate

      The word k-nn among the kinds adds a baseline: the most frequent class of the k nearest training images by \
      cosine, k chosen by the images that judge. It is never chosen as the best.

      With --combine, columns are also tried side by side, added one at a time to the best one. The table has the ten \
      best entries, or with --all every entry in the order of the layers.

      A store is compared without its backbone, over the columns that it has.
      """,
    parameters: [
      DataInput.parameter.declaration, DataInput.labels.declaration,
    ] + DataInput.reading + TrainingArguments.correcting + Options.lists.declarations
      + Options.duplicates.declarations + Options.comparedBackbones.declarations
      + Options.comparedTraining.declarations + [
        CompareOptions.combine.declaration, CompareOptions.learningCurve.declaration,
        CompareOptions.draws.declaration, Options.limit.declaration, CompareOptions.format.declaration,
        CompareOptions.all.declaration, Options.output.declaration, CompareOptions.saveBest.declaration,
        ReportFile.parameter.declaration,
      ] + Options.tune.declarations + [Options.dryRun.declaration] + Options.storing
      + Options.searchedPreprocessing.declarations
  ) { arguments, console in
    try CompareRun(arguments, console).run()
  }
}

private enum CompareOptions {
  static let combine = Parameter<Int?>.optional(
    "combine", .integer(in: 2...3), valueName: "n", topic: .choice,
    help: """
      Also try up to n columns side by side: the best column of a kind with every other one, then the best pair with \
      every other one. Each step takes as many searches for C as there are columns, of longer rows.
      """)

  static let all = Parameter<Bool>.flag(
    "all", topic: .output,
    help: "Show every entry of the table, in the order of the layers, instead of the best \(Comparison.shownRows).")

  static let learningCurve = Parameter<Bool>.flag(
    "learning-curve", topic: .evaluation,
    help: "Also show the best one's accuracy against the number of images of each class.")

  static let draws = Parameter<Int>.option(
    "draws", .integer(in: 1...1000), valueName: "n", default: 10,
    topic: .evaluation, help: "How often each size of the learning curve is drawn.")

  static let saveBest = Parameter<String?>.optional(
    "save-best", .file, valueName: "model", topic: .output,
    help: """
      Write the best one's classifier: for a layer, the same file that 'train' writes for this layer, pooling and kind \
      alone.
      """)

  static let format = Options.format(["text", "csv", "json"])

  /// The format of the output: the requested format, or otherwise the format of the output's extension.
  ///
  /// - Throws: ``UsageError`` for an extension of another kind of file, or for an extension that contradicts the
  /// requested format.
  static func format(_ arguments: ParsedArguments) throws(UsageError) -> String {
    guard let output = arguments[Options.output] else { return arguments[format] }
    let ending = FileSystem.fileExtension(of: output)
    func invalid(_ reason: String) -> UsageError {
      .contradiction("The value '\(output)' is invalid for '--output <file>': \(reason)")
    }
    switch ending {
    case "csv", "json":
      guard !arguments.has(format) || arguments[format] == ending else {
        throw invalid("'--format \(arguments[format])' asks for something else")
      }
      return ending
    case "layertap", "npy", "npz", "onnx":
      throw invalid("a table is written, as text, .csv or .json; 'layertap train' writes a model")
    case "html", "htm":
      throw invalid("a table is written, as text, .csv or .json; the page is written by --report")
    default: return arguments[format]
    }
  }
}

/// One run of the command.
private struct CompareRun {
  let arguments: ParsedArguments
  let console: Console
  let input: TrainingArguments
  let reportFile: ReportFile?
  let runner: ComparisonRunner
  /// The format of the output: `text`, `csv` or `json`.
  let format: String

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    format = try CompareOptions.format(arguments)
    let stated = try Options.comparedTraining.given(arguments)
    let settings: [TrainingSettings]
    let comparesNeighbors: Bool
    do {
      let given = try TrainingSettings.takingNeighbors(stated)
      comparesNeighbors = given.comparesNeighbors
      settings = try TrainingSettings.compared(given.given)
    } catch { throw UsageError(error) }
    runner = ComparisonRunner(
      settings: settings, comparesNeighbors: comparesNeighbors,
      combinedColumns: arguments[CompareOptions.combine] ?? 1,
      curve: arguments[CompareOptions.learningCurve]
        ? ComparisonRunner.CurveSettings(draws: arguments[CompareOptions.draws]) : nil,
      threads: arguments[Options.threads])
    input = try TrainingArguments(
      arguments, console, features: Options.comparedBackbones, settings: settings[0], comparison: runner,
      outputs: OutputPaths([
        ("--output", arguments[Options.output]), ("--save-best", arguments[CompareOptions.saveBest]),
        ("--report", arguments[ReportFile.parameter]),
      ]))
    if let output = arguments[Options.output] { try FileSystem.requireWritable(output) }
    if let model = arguments[CompareOptions.saveBest] {
      try ModelPath.require(model, option: "--save-best", valueName: "model")
    }
    reportFile = try ReportFile(arguments)
  }

  func run() throws {
    let model = arguments[CompareOptions.saveBest]
    // Only a model file's golden scores need the backbone of a store.
    guard
      let loaded = try input.load(backboneOfStore: { try model == nil ? nil : $0.backboneForModel(console) })
    else { return }
    let (data, partition) = (loaded.data, loaded.partition)
    let line = ProgressLine("choosing C,", unit: "fits", console: console)
    let nested = ProgressLine("nested cross-validation,", unit: "fits", console: console)
    defer {
      line.finish()
      nested.finish()
    }
    let estimate = try runner.searchEstimate(data, partition)
    if let text = estimate.longText { console.note(text.spellingOptions) }
    line.expect(estimate.seconds)
    nested.expect(estimate.nestedSeconds)
    let comparison = try runner.run(
      data, partition, backbone: loaded.backbone, variants: loaded.variants.mapValues(\.backbone),
      instructionSet: arguments[Options.instructionSet] ?? .best
    ) { progress in
      switch progress {
      case .selecting(let done, let total): line.update(done, of: total)
      case .estimating(let done, let total):
        line.finish()
        nested.update(done, of: total)
      case .measuringTime, .drawingLearningCurve:
        line.finish()
        nested.finish()
      }
    }
    line.finish()
    nested.finish()
    if let text = comparison.untriedText { console.note(text.spellingOptions) }
    // The text on the terminal already contains the warnings.
    let isText = format == "text"
    for warning in comparison.warnings {
      if isText, arguments[Options.output] == nil {
        try console.record(warning)
      } else {
        try console.warn(warning)
      }
    }
    let result =
      switch format {
      case "csv": comparison.csv
      case "json": comparison.json(warnings: console.warnings).pretty + "\n"
      default: comparison.text(isWhole: arguments[CompareOptions.all]) + "\n"
      }
    if let output = arguments[Options.output] {
      try OutputPaths.write(result, to: output)
    } else {
      console.print(result, terminator: "")
    }
    if let model {
      let best = comparison.best
      try FileSystem.createDirectories(FileSystem.parent(of: model))
      try best.classifierOfColumnAlone(data, backbone: loaded.backbone(for: best.chosen.candidate))
        .write(to: model)
      console.note("model: \(model)")
    }
    if let reportFile {
      let page = ComparisonPage(
        comparison, data: data, images: loaded.images(for: comparison.best.chosen.candidate))
      try reportFile.write(
        page.html(source: input.path, warnings: console.warnings, origin: ReportFile.origin), console)
    }
  }
}
