// `layertap compare`: which layer, pooling and classifier know a task best, and what each costs.

import LayerTap
import TapFileSystem
import TapReports

extension Command {
  package static let compare = Command(
    "compare", overview: "Compare layers, poolings and classifiers on labelled images.",
    discussion: """
      All layers are tapped in one pass over the images and kept in the store. Every column is judged by \
      the same held-out training images: by the val/ images if there are any, otherwise by \
      cross-validation, C being chosen for each. Only the best is then evaluated on the test images, once: \
      the best of many on the test would be a choice, and no measurement any more.

        layertap compare photos
        layertap compare photos --layers all --pool avg max --classifier logistic svm --report depth.html

      A store is compared without its backbone, over the columns that it has.
      """,
    parameters: [
      DataInput.parameter.declaration, DataInput.labels.declaration, DataInput.array.declaration,
      DataInput.labelName.declaration, DataInput.weightName.declaration, Options.backbone.declaration,
      CompareOptions.layers.declaration, Options.pool.declaration, CompareOptions.classifiers.declaration,
      TrainOptions.loss.declaration, TrainOptions.multiClass.declaration,
      PenaltyOptions.penalty.declaration, PenaltyOptions.l1Ratio.declaration,
      PenaltyOptions.solver.declaration,
      TrainOptions.c.declaration,
      TrainOptions.classWeight.declaration,
      TrainOptions.normalizeRows.declaration, TrainOptions.pca.declaration, TrainOptions.whiten.declaration,
      TrainOptions.standardize.declaration, TrainOptions.testFraction.declaration,
      TrainOptions.validationFraction.declaration,
      TrainOptions.folds.declaration, TrainOptions.repeats.declaration,
      TrainOptions.select.declaration,
      TrainOptions.calibrate.declaration, CompareOptions.learningCurve.declaration,
      CompareOptions.draws.declaration, Options.seed.declaration, Options.limit.declaration,
      CompareOptions.format.declaration, Options.output.declaration, ReportFile.parameter.declaration,
      Options.tune.declaration, Options.dryRun.declaration,
    ] + Options.extraction + Options.preprocessing
  ) { arguments, console in
    try CompareRun(arguments, console).run()
  }
}

private enum CompareOptions {
  static let layers = Parameter<[String]>.list(
    "layers", .text, valueName: "name", default: ["all"],
    help: "Which layers to compare: names, aliases, or 'all'; see 'layertap layers'.")

  static let classifiers = Parameter<[ClassifierKind]>.list(
    "classifier", .choice, valueName: "kind", default: [.logistic],
    help: "Which kinds of linear model; nearest-mean is the cheap baseline.")

  static let learningCurve = Parameter<Bool>.flag(
    "learning-curve", help: "Also show the best one's accuracy against the number of images of each class.")

  static let draws = Parameter<Int>.option(
    "draws", .integer(in: 1...1000), valueName: "n", default: 10,
    help: "How often each size of the learning curve is drawn.")

  static let format = Options.format(["text", "csv", "json"])
}

/// One run of the command.
private struct CompareRun {
  let arguments: ParsedArguments
  let console: Console
  let input: TrainingInput
  let reportFile: ReportFile?
  let transform: FeatureTransform
  let penalty: PenaltyChoice

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    input = try TrainingInput(arguments, console, layers: CompareOptions.layers)
    if arguments[TrainOptions.loss] != nil, !arguments[CompareOptions.classifiers].contains(.svm) {
      throw UsageError.contradiction("'--loss' is for --classifier svm")
    }
    if arguments[TrainOptions.multiClass] != nil, !arguments[CompareOptions.classifiers].contains(.logistic) {
      throw UsageError.contradiction("'--multi-class' is for --classifier logistic")
    }
    transform = try TrainOptions.transform(arguments)
    penalty = try PenaltyOptions.choice(arguments, arguments[CompareOptions.classifiers])
    try TrainOptions.checkSelection(arguments)
    try TrainOptions.checkCalibration(
      arguments[TrainOptions.calibrate],
      of: arguments[CompareOptions.classifiers].map {
        $0 == .logistic ? arguments[TrainOptions.multiClass] ?? .multinomial : $0.multiClass
      })
    if let output = arguments[Options.output] { try FileSystem.requireWritable(output) }
    reportFile = try ReportFile(arguments)
  }

  func run() throws {
    guard let loaded = try input.load() else { return }
    let data = loaded.data
    let partition = try input.partition(data.items)
    let line = ProgressLine("choosing C for", unit: "columns", console: console)
    defer { line.finish() }
    let comparison = try runner.run(
      data, partition, backbone: loaded.backbone, instructionSet: arguments[Options.instructionSet] ?? .best
    ) { progress in
      switch progress {
      case .selecting(let done, let total): line.update(done, of: total)
      case .measuringTime, .drawingLearningCurve: line.finish()
      }
    }
    let result =
      switch arguments[CompareOptions.format] {
      case "csv": comparison.csv
      case "json": comparison.json.pretty + "\n"
      default: comparison.text + "\n"
      }
    // A text on the terminal has them already.
    if arguments[Options.output] != nil || arguments[CompareOptions.format] != "text" {
      for warning in comparison.warnings { console.note(warning) }
    }
    if let output = arguments[Options.output] {
      try AtomicWriter.replace(output, with: result)
    } else {
      console.print(result, terminator: "")
    }
    if let reportFile {
      let page = ComparisonPage(comparison, data: data, pictures: loaded.pictures)
      try reportFile.write(page.html(source: input.path, origin: ReportFile.origin), console)
    }
  }

  private var runner: ComparisonRunner {
    var trainer = Trainer(
      hingeLoss: arguments[TrainOptions.loss] ?? .squaredHinge,
      standardization: arguments[TrainOptions.standardize],
      classWeights: arguments[TrainOptions.classWeight] == "balanced" ? .balanced : .uniform,
      folds: arguments[TrainOptions.folds], seed: arguments[Options.seed], threads: arguments[Options.threads]
    )
    trainer.transform = transform
    if case .value(let c) = arguments[TrainOptions.c] { trainer.c = c }
    trainer.penalty = penalty.penalty
    trainer.solver = penalty.solver ?? .automatic
    trainer.rule = arguments[TrainOptions.select]
    trainer.repeats = arguments[TrainOptions.repeats]
    trainer.calibration = arguments[TrainOptions.calibrate]
    trainer.multiClass = arguments[TrainOptions.multiClass] ?? .multinomial
    return ComparisonRunner(
      trainer: trainer, classifiers: arguments[CompareOptions.classifiers],
      curve: arguments[CompareOptions.learningCurve]
        ? ComparisonRunner.CurveSettings(draws: arguments[CompareOptions.draws]) : nil)
  }
}
