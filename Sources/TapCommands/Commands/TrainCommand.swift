// `layertap train`: trains a classifier from labeled images, a store or a matrix, and writes the classifier's file.

import LayerTap
import TapFileSystem
import TapReports
import TapSettings

extension Command {
  fileprivate static let embedBackbone = Parameter<Bool>.flag(
    "embed-backbone",
    topic: .output,
    help: "Put the backbone, up to the layer, into the model: then it needs no weights but itself.")

  fileprivate static let novelty = Parameter<Bool>.flag(
    "novelty", topic: .output,
    help: """
      Also fit how unlike the training images an image is, and keep it in the model: 'predict' then prints it, and names \
      images above the 99th percentile.
      """)

  fileprivate static let trainPredictions = Parameter<String?>.optional(
    "predictions", .file, valueName: "file",
    topic: .output,
    help: """
      Write F.csv or F.npz: of every image that was held out, by a fold, for validation or for the test, what it was taken for, \
      with every class's probability, margin or similarity.
      """)

  package static let train = Command(
    "train", overview: "Train a classifier on labeled images and say how good it is.",
    discussion: """
      Images are labeled by their folders: one folder a class, with train/, val/ and test/ above them if the split is \
      made already. Features are extracted once and kept in the store. C, and the layer if several are given, are \
      chosen on training images alone. Test images are evaluated once, at the end. Without a test split the \
      cross-validated estimate is all there is; --test-fraction holds images back.

        layertap train photos --output shirts.layertap
        layertap train photos --layers blocks.4 blocks.8 penultimate
        layertap train features.npy --labels labels.csv
      """,
    details: """
      Folders of splits are known in any case, also Training, valid, dev, Testing. If folders may be \
      splits or classes the command refuses, and --folders says which. A file of a folder is an image if its \
      first bytes are those of a JPEG or PNG; others are counted in a line, and a class without images is an \
      error unless --exclude leaves it out. Images that belong together, such as frames of a film, are kept \
      on one side of every split by a table's column 'group' or by --group-by. C and layer are chosen by the val/ images, \
      after which the model is fitted again to both, otherwise by cross-validation.

      Features that something else computed can be trained on as well: a NumPy matrix with --labels \
      F.csv, X and y together in an .npz, SVMlight's text (.svm), or a CSV with a column 'label'.

        layertap train features.npz --array X --label-name y

      A column 'weight' of a manifest, of --labels or of a CSV of features, or an array 'weight' of an \
      .npz, says how much an image counts in training: 2 is as if it were there twice, 0 as if it were not. Accuracies \
      and other metrics count every image once.

      When images or a class were added, go on from the model that there is. Its layer, kind, loss, C, \
      scaling and class weights are kept unless options say otherwise. The result is that of a training \
      from scratch, up to the certified bound. In fact an SVM with --loss hinge or crammer-singer and a fit on principal \
      components begin from scratch, and a nearest mean has nothing to begin at. Then the images are listed that the \
      new model takes for another class than the old one did.

        layertap train photos --warm-start shirts.layertap --output shirts-2.layertap --flips flips.csv

      Without --output the model is written to NAME.layertap in the working folder, after the last part \
      of the data's path, unless that file exists. A file named by --output is replaced, except one that the command reads.
      """,
    parameters: [
      DataInput.parameter.declaration, DataInput.labels.declaration,
    ] + DataInput.reading + TrainingArguments.correcting + Options.lists.declarations
      + Options.duplicates.declarations + Options.features.declarations
      + Options.training.declarations + [
        WarmStartModel.parameter.declaration, WarmStartModel.flips.declaration, trainPredictions.declaration,
        embedBackbone.declaration, novelty.declaration, Options.output.declaration, Options.limit.declaration,
      ] + Options.tune.declarations + [Options.dryRun.declaration, ReportFile.parameter.declaration]
      + Options.storing + Options.searchedPreprocessing.declarations + ThresholdArguments.declarations
  ) { arguments, console in
    try TrainRun(arguments, console).run()
  }
}

/// One run of the command.
private struct TrainRun {
  let arguments: ParsedArguments
  let console: Console
  let input: TrainingArguments
  let earlier: WarmStartModel?
  private var trainer: Trainer
  let output: String
  let reportFile: ReportFile?
  let threshold: ThresholdArguments?

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    earlier = try WarmStartModel(arguments)
    let settings = try Options.training.value(arguments, over: earlier?.settings())
    input = try TrainingArguments(
      arguments, console, features: Options.features, settings: settings,
      stated: Set(Options.training.given(arguments).keys), earlier: earlier,
      outputs: OutputPaths([
        ("--output", arguments[Options.output]), ("--flips", arguments[WarmStartModel.flips]),
        ("--predictions", arguments[Command.trainPredictions]), ("--report", arguments[ReportFile.parameter]),
      ]))
    trainer = Trainer(settings, start: earlier?.classifier, threads: arguments[Options.threads])
    if let path = arguments[Command.trainPredictions] {
      guard ["csv", "npz"].contains(FileSystem.fileExtension(of: path)) else {
        throw UsageError.contradiction("'--predictions' writes F.csv or F.npz, and \(path) is neither")
      }
      try FileSystem.requireWritable(path)
      trainer.keepsHeldOutScores = true
    }
    threshold = try ThresholdArguments(arguments, settings)
    if input.isMatrix, arguments[Command.embedBackbone] {
      throw UsageError.contradiction(
        "'--embed-backbone' needs a backbone, and \(input.path) is a bare matrix")
    }
    output = arguments[Options.output] ?? Self.defaultOutput(for: input)
    try ModelPath.require(output, option: "--output", valueName: "file")
    if !arguments.has(Options.output), FileSystem.exists(output) { throw CommandError.outputExists(output) }
    reportFile = try ReportFile(arguments)
  }

  /// The default name of the model file: `shirts.layertap` for `photos/shirts`, `photos/shirts.csv` or
  /// `photos/shirts.npy`.
  private static func defaultOutput(for input: TrainingArguments) -> String {
    var name = FileSystem.name(of: input.path)
    if !input.isStore,
      ["npy", "npz", "svm", "svmlight", "libsvm", "csv", "tsv", "txt", "jsonl", "ndjson", "tar"].contains(
        FileSystem.fileExtension(of: name))
    {
      name = FileSystem.withoutExtension(name)
    }
    if [".", "..", "/", StandardInput.word].contains(name) { name = "model" }
    return name + ".layertap"
  }

  func run() throws {
    guard let loaded = try input.load(backboneOfStore: { try $0.backboneForModel(console) }) else { return }
    if arguments[Command.embedBackbone], loaded.backbone == nil { throw CommandError.nothingToEmbed }
    var data = loaded.data
    let partition = loaded.partition
    let trainer = try settled(for: data.images)
    let findings = Audit.brief(data.divided(by: partition), arguments, console)
    let line = ProgressLine("choosing C,", unit: "fits", console: console)
    defer { line.finish() }
    let estimate = try trainer.searchEstimate(data, partition)
    if let text = estimate.longText { console.note(text.spellingOptions) }
    line.expect(estimate.seconds)
    var trained = try trainer.train(data, partition) { line.update($0, of: $1) }
    line.finish()
    data = data.prepared(as: trained.chosen.candidate)
    let backbone = loaded.backbone(for: trained.chosen.candidate)
    var report = TrainReport(
      trained, data: data,
      earlier: earlier.map { TrainReport.Earlier(path: $0.path, classifier: $0.classifier) })
    console.print(report.selection)
    if let text = trained.equalColumnsText { console.print(text) }
    if let text = UntriedValues([trained]).text() { console.note(text.spellingOptions) }
    if trainer.settings.isNested {
      do {
        let nested = try nestedEstimate(trainer, data, partition, expecting: estimate.nestedSeconds)
        console.print("nested       \(nested.text)")
        trained.summary.nested = nested
      } catch let error as TrainingError where error.holdingOutText != nil {
        trained.nestedFailure = error
      }
      report.trained = trained
    }
    for warning in report.warnings { try console.warn(warning) }

    var classifier = try trained.classifier(identity: data.identity, backbone: backbone)
    if arguments[Command.novelty] { classifier = try withNovelty(classifier, trained, data) }
    if let threshold { classifier = try threshold.applied(to: classifier, trainer, trained, data, console) }
    var test: Evaluation?
    if !partition.test.isEmpty {
      let evaluation = try Evaluation(
        classifier, on: data, features: trained.chosen.candidate.features, indices: partition.test)
      if let warning = ClassRecalls(evaluation, counted: "test images").neverPredicted {
        try console.warn(warning)
      }
      console.print(EvaluationReport(evaluation, counted: "test images").firstLine)
      if let worst = evaluation.worstClass(classifier, counted: "test images") {
        console.print("worst class  \(worst)")
      }
      test = evaluation
    }
    if let earlier {
      let flips = try PredictionFlips(
        from: earlier.classifier, to: classifier, on: data, features: trained.chosen.candidate.features,
        partition)
      console.print(flips.text())
      if let path = arguments[WarmStartModel.flips] { try OutputPaths.write(flips.csv, to: path) }
    }
    try FileSystem.createDirectories(FileSystem.parent(of: output))
    if let path = arguments[Command.trainPredictions] {
      try write(TrainingPredictions(trained, classifier, test: test, of: data), to: path)
    }
    try classifier.write(to: output, embedding: arguments[Command.embedBackbone] ? backbone : nil)
    console.print("model        \(output)")
    if let reportFile {
      let page = TrainingPage(
        trained, data: data, classifier: classifier, test: test,
        images: loaded.images(for: trained.chosen.candidate))
      try reportFile.write(
        page.html(
          model: output, source: input.path, estimate: report.estimate, findings: findings,
          warnings: console.warnings, origin: ReportFile.origin), console)
    }
    if partition.test.isEmpty, trained.estimateFailure == nil {
      let name = partition.validation.isEmpty ? "cross-validated" : "validation"
      console.note(
        "There is no test split: the \(name) accuracy is an estimate, a little too good where it "
          + "chose. To measure, hold images back with --test-fraction 0.2 --seed 0.")
    }
  }

  /// The classifier with a measure of novelty, fitted to the images of the training.
  private func withNovelty(
    _ classifier: Classifier, _ trained: TrainedModel, _ data: LabeledFeatures
  ) throws -> Classifier {
    do {
      return classifier.with(novelty: try NoveltyFit(trained, data).score())
    } catch {
      try console.warn("The model gets no measure of novelty: \(error)")
      return classifier
    }
  }

  private func write(_ predictions: TrainingPredictions, to path: String) throws {
    if predictions.count == 0 {
      try console.warn("\(path) holds no prediction: no image was held out.")
    }
    if FileSystem.fileExtension(of: path) == "csv" {
      try OutputPaths.write(predictions.csv, to: path)
    } else {
      guard let bytes = predictions.npz else { throw CommandError.archiveTooLarge(path: path) }
      try FileSystem.createDirectories(FileSystem.parent(of: path))
      try AtomicWriter.replace(path, with: bytes)
    }
    console.print("predictions  \(path)")
  }

  /// The trainer for these items. A warning is written if the splits of the items override settings of the earlier
  /// model.
  private func settled(for items: [ImageItem]) throws -> Trainer {
    var settled = trainer
    settled.settings = input.settled(items)
    if settled.settings != trainer.settings {
      try console.warn(
        "The images have a split of their own: it is used in place of the part that the earlier model's settings draw."
      )
    }
    return settled
  }

  private func nestedEstimate(
    _ trainer: Trainer, _ data: LabeledFeatures, _ partition: Partition, expecting seconds: Double
  ) throws -> NestedEstimate {
    let line = ProgressLine("nested cross-validation,", unit: "fits", console: console)
    defer { line.finish() }
    line.expect(seconds)
    return try trainer.nestedEstimate(data, partition) { line.update($0, of: $1) }
  }
}
