// `layertap train`: from labelled images, a store or a matrix to a classifier's file.

import LayerTap
import TapFileSystem
import TapReports

extension Command {
  package static let train = Command(
    "train", overview: "Train a classifier on labelled images and say how good it is.",
    discussion: """
      Images are labelled by their folders: one folder a class, with train/, val/ and test/ above them \
      if the split is made already. Features are extracted once and kept in the store. C, and the layer \
      if several are given, are chosen on training images alone: by the val/ images, after which the \
      model is fitted again to both, otherwise by cross-validation. Test images are evaluated once, at \
      the end. Without a test split the cross-validated estimate is all there is; --test-fraction holds \
      images back.

        layertap train photos --output shirts.layertap
        layertap train photos --layers blocks.4 blocks.8 penultimate

      Features that something else computed can be trained on as well: a NumPy matrix with --labels \
      F.csv, X and y together in an .npz, SVMlight's text (.svm), or a CSV with a column 'label'.

        layertap train features.npy --labels labels.csv
        layertap train features.npz --array X --label-name y

      A column 'weight' of a manifest, of --labels or of a CSV of features, or an array 'weight' of an \
      .npz, says how much an image counts in training: 2 is as if it were there twice, 0 as if it were not. Accuracies and other metrics count \
      every image once.

      When images or a class were added, go on from the model that there is. Its layer, kind, loss, C, \
      scaling and class weights are kept unless options say otherwise. The result is that of a training \
      from scratch, up to the certified bound. In fact an SVM with --loss hinge or crammer-singer and a fit on principal \
      components begin from scratch, and a nearest mean has nothing to begin at. Then the images are listed that the new model takes for another class than the old one did.

        layertap train photos --warm-start shirts.layertap --output shirts-2.layertap --flips flips.csv

      Without --output the model is written to NAME.layertap in the working folder, after the last part \
      of the data's path, unless that file exists. A file named by --output is replaced.
      """,
    parameters: [
      DataInput.parameter.declaration, DataInput.labels.declaration, DataInput.array.declaration,
      DataInput.labelName.declaration, DataInput.weightName.declaration, Options.backbone.declaration,
      Options.layers.declaration, Options.pool.declaration, TrainOptions.classifier.declaration,
      TrainOptions.loss.declaration, TrainOptions.multiClass.declaration,
      PenaltyOptions.penalty.declaration, PenaltyOptions.l1Ratio.declaration,
      PenaltyOptions.solver.declaration,
      TrainOptions.c.declaration, TrainOptions.classWeight.declaration,
      TrainOptions.normalizeRows.declaration, TrainOptions.pca.declaration, TrainOptions.whiten.declaration,
      TrainOptions.standardize.declaration, TrainOptions.testFraction.declaration,
      TrainOptions.validationFraction.declaration,
      TrainOptions.folds.declaration, TrainOptions.repeats.declaration, TrainOptions.select.declaration,
      TrainOptions.nested.declaration, TrainOptions.calibrate.declaration, TrainOptions.noRefit.declaration,
      EarlierModel.parameter.declaration, EarlierModel.flips.declaration,
      TrainOptions.embedBackbone.declaration, Options.seed.declaration,
      Options.output.declaration, Options.limit.declaration, Options.tune.declaration,
      Options.dryRun.declaration,
      ReportFile.parameter.declaration,
    ] + Options.extraction + Options.preprocessing
  ) { arguments, console in
    try TrainRun(arguments, console).run()
  }
}

/// Options of training alone.
enum TrainOptions {
  /// `--c`: a value, or a search.
  enum Regularization: Sendable, Equatable {
    case automatic
    case value(Double)
  }

  static let classifier = Parameter<ClassifierKind>.option(
    "classifier", .choice, valueName: "kind", default: .logistic,
    help: """
      Logistic regression, whose scores are probabilities; a linear SVM, whose scores are margins; or the \
      nearest class mean, the cheap baseline, whose scores are similarities.
      """)

  static let loss = Parameter<HingeLoss?>.optional(
    "loss", .choice, valueName: "loss", defaultText: "squared-hinge",
    help:
      "The loss of a linear SVM: a hinge of each class against the rest, or Crammer and Singer's of all classes together."
  )

  static let multiClass = Parameter<MultiClass?>.optional(
    "multi-class", .choice, valueName: "rule", defaultText: "multinomial",
    help: """
      How a logistic regression tells more than two classes apart: by one model of all, or by one of each \
      class against the rest.
      """)

  static let c = Parameter<Regularization>.option(
    "c",
    ValueType(
      expectation: "'auto' or a number above 0", choices: [],
      parse: { text in
        if text == "auto" { return .automatic }
        return Double(text).flatMap { $0.isFinite && $0 > 0 ? .value($0) : nil }
      }, show: { $0 == .automatic ? "auto" : "" }),
    valueName: "c", default: .automatic,
    help: "scikit-learn's C, which multiplies the sum of losses: 'auto' or a number.")

  static let classWeight = Parameter<String>.option(
    "class-weight", .choice(["none", "balanced"]), valueName: "rule", default: "none",
    help: "Whether rare classes count as much as frequent ones.")

  static let standardize = Parameter<Standardization>.option(
    "standardize", .choice, valueName: "rule", default: .automatic,
    help: "How features are scaled before training; 'auto' is 'std', and 'none' with --pca.")

  static let normalizeRows = Parameter<Bool>.flag(
    "normalize-rows", help: "Divide each image's features by their Euclidean norm, before all else.")

  static let pca = Parameter<PrincipalComponents.Count?>.optional(
    "pca",
    ValueType(
      expectation: "a number from 1 up, or a share of the variance between 0 and 1", choices: [],
      parse: { text in
        if let count = Int(text) { return count >= 1 ? .components(count) : nil }
        return Double(text).flatMap { $0 > 0 && $0 < 1 ? .variance($0) : nil }
      }, show: { _ in "" }),
    valueName: "n",
    help:
      "Train on the first n principal components of the training images, or on enough for a share of the variance."
  )

  static let whiten = Parameter<Bool>.flag(
    "whiten", help: "Divide each principal component by its standard deviation.")

  /// What the command line asks for.
  static func transform(_ arguments: ParsedArguments) throws -> FeatureTransform {
    guard arguments[pca] != nil || !arguments[whiten] else {
      throw UsageError.contradiction("'--whiten' has nothing to whiten without '--pca'")
    }
    return FeatureTransform(
      normalizesRows: arguments[normalizeRows],
      components: arguments[pca].map { PrincipalComponents($0, whitens: arguments[whiten]) })
  }

  static let testFraction = Parameter<Double?>.optional(
    "test-fraction", .number("a number between 0 and 1") { $0 > 0 && $0 < 1 }, valueName: "f",
    help: "Hold back this part of every class for the final evaluation.")

  static let validationFraction = Parameter<Double?>.optional(
    "validation-fraction", .number("a number between 0 and 1") { $0 > 0 && $0 < 1 }, valueName: "f",
    help:
      "Choose by this part of every class of the training images instead of cross-validation, then fit to all."
  )

  static let folds = Parameter<Int>.option(
    "folds", .integer(in: 2...100), valueName: "k", default: 5,
    help: "Folds of the cross-validation; with fewer images, one each.")

  static let select = Parameter<SelectionRule>.option(
    "select", .choice, valueName: "rule", default: .best,
    help: """
      Which C is taken: the best, or the smallest within one standard error of it, which is simpler and \
      cannot be told from it.
      """)

  static let repeats = Parameter<Int>.option(
    "repeats", .integer(in: 1...100), valueName: "n", default: 1,
    help: "Deal the training images into folds so many times, and judge by all.")

  static let nested = Parameter<Bool>.flag(
    "nested",
    help: """
      Also estimate the accuracy by nested cross-validation: everything is chosen anew without each fold. \
      Costs as many trainings as there are folds.
      """)

  static let calibrate = Parameter<CalibrationMethod>.option(
    "calibrate", .choice, valueName: "method", default: .none,
    help: """
      Make probabilities fit how often they are right, on training images held out: 'platt' gives an SVM probabilities and \
      corrects those of one-vs-rest, 'temperature' corrects other logistic regressions' and makes those of a nearest mean; \
      'auto' is the one that fits.
      """)

  static let embedBackbone = Parameter<Bool>.flag(
    "embed-backbone",
    help: "Put the backbone, up to the layer, into the model: then it needs no weights but itself.")

  static let noRefit = Parameter<Bool>.flag(
    "no-refit", help: "Keep the model of the training images alone after choosing by val/ images.")
}

/// One run of the command.
private struct TrainRun {
  let arguments: ParsedArguments
  let console: Console
  let input: TrainingInput
  let earlier: EarlierModel?
  let trainer: Trainer
  let output: String
  let reportFile: ReportFile?

  init(_ arguments: ParsedArguments, _ console: Console) throws {
    self.arguments = arguments
    self.console = console
    earlier = try EarlierModel(arguments)
    input = try TrainingInput(arguments, console, layers: Options.layers, earlier: earlier)
    var trainer = Self.trainer(arguments, earlier)
    if arguments[TrainOptions.loss] != nil, trainer.classifier != .svm {
      throw UsageError.contradiction("'--loss' is for --classifier svm; the others have one loss only")
    }
    let kind = trainer.classifier
    if !kind.isRegularized {
      for option in [
        TrainOptions.c.declaration, TrainOptions.select.declaration, TrainOptions.classWeight.declaration,
      ] where arguments.has(option) {
        throw UsageError.contradiction(
          "'\(option.flagName)' has no meaning for --classifier \(kind.rawValue), whose means depend on neither C nor the "
            + "weights of classes")
      }
    }
    if arguments[TrainOptions.multiClass] != nil, kind != .logistic {
      throw UsageError.contradiction("'--multi-class' is for --classifier logistic")
    }
    let penalty = try PenaltyOptions.choice(arguments, [kind])
    if earlier == nil || penalty.name != nil { trainer.penalty = penalty.penalty }
    trainer.solver = penalty.solver ?? .automatic
    let transform = try TrainOptions.transform(arguments)
    if earlier == nil || transform != .none { trainer.transform = transform }
    self.trainer = trainer
    try TrainOptions.checkCalibration(
      arguments[TrainOptions.calibrate],
      of: [kind == .logistic ? trainer.multiClass : kind.multiClass])
    try TrainOptions.checkSelection(arguments)
    if input.isMatrix, arguments[TrainOptions.embedBackbone] {
      throw UsageError.contradiction(
        "'--embed-backbone' needs a backbone, and \(input.path) is a bare matrix")
    }
    output = arguments[Options.output] ?? Self.defaultOutput(for: input)
    if FileSystem.isDirectory(output) { throw CommandError.outputIsFolder(output) }
    if !arguments.has(Options.output), FileSystem.exists(output) { throw CommandError.outputExists(output) }
    try FileSystem.requireWritable(output)
    reportFile = try ReportFile(arguments)
  }

  /// `shirts.layertap` for `photos/shirts`, `photos/shirts.csv` or `photos/shirts.npy`.
  private static func defaultOutput(for input: TrainingInput) -> String {
    var name = FileSystem.name(of: input.path)
    if !input.isStore, let dot = name.lastIndex(of: "."), dot != name.startIndex,
      ["npy", "npz", "svm", "svmlight", "libsvm", "csv"].contains(FileSystem.fileExtension(of: name))
    {
      name = String(name[..<dot])
    }
    if [".", "..", "/"].contains(name) { name = "model" }
    return name + ".layertap"
  }

  /// What options say, and where they do not an earlier model.
  private static func trainer(_ arguments: ParsedArguments, _ earlier: EarlierModel?) -> Trainer {
    var trainer = earlier?.trainer ?? Trainer()
    func set<Value>(_ parameter: Parameter<Value>, _ body: (Value) -> Void) {
      if earlier == nil || arguments.has(parameter) { body(arguments[parameter]) }
    }
    set(TrainOptions.classifier) { trainer.classifier = $0 }
    set(TrainOptions.loss) { trainer.hingeLoss = $0 ?? .squaredHinge }
    set(TrainOptions.multiClass) { trainer.multiClass = $0 ?? .multinomial }
    set(TrainOptions.c) { c in if case .value(let value) = c { trainer.c = value } else { trainer.c = nil } }
    set(TrainOptions.standardize) { trainer.standardization = $0 }
    set(TrainOptions.classWeight) { trainer.classWeights = $0 == "balanced" ? .balanced : .uniform }
    trainer.folds = arguments[TrainOptions.folds]
    trainer.seed = arguments[Options.seed]
    trainer.refit = !arguments[TrainOptions.noRefit]
    trainer.threads = arguments[Options.threads]
    trainer.rule = arguments[TrainOptions.select]
    trainer.repeats = arguments[TrainOptions.repeats]
    trainer.calibration = arguments[TrainOptions.calibrate]
    trainer.start = earlier?.classifier
    return trainer
  }

  func run() throws {
    guard let loaded = try input.load(backboneOfStore: backbone(of:)) else { return }
    let (data, backbone) = (loaded.data, loaded.backbone)
    if arguments[TrainOptions.embedBackbone], backbone == nil { throw CommandError.nothingToEmbed }
    let partition = try input.partition(data.items)
    let line = ProgressLine("choosing C for", unit: "layers", console: console)
    defer { line.finish() }
    var trained = try trainer.train(data, partition) { line.update($0, of: $1) }
    line.finish()
    var report = TrainReport(trained, data: data, earlier: earlier)
    console.print(report.selection)
    if arguments[TrainOptions.nested] {
      let nested = try nestedEstimate(data, partition)
      console.print("nested       \(nested.text)")
      trained.summary.nested = nested
      report.trained = trained
    }
    for warning in report.warnings { console.note(warning) }

    let classifier = try trained.classifier(identity: data.identity, backbone: backbone)
    var test: Evaluation?
    if !partition.test.isEmpty {
      let evaluation = try Evaluation(
        classifier, on: data, features: trained.chosen.candidate.features, indices: partition.test)
      console.print(EvaluationReport(evaluation, counted: "test images").firstLine)
      test = evaluation
    }
    if let earlier {
      let flips = try PredictionFlips(
        from: earlier.classifier, to: classifier, on: data, features: trained.chosen.candidate.features,
        partition)
      console.print(flips.text())
      if let path = arguments[EarlierModel.flips] { try AtomicWriter.replace(path, with: flips.csv) }
    }
    try classifier.write(to: output, embedding: arguments[TrainOptions.embedBackbone] ? backbone : nil)
    console.print("model        \(output)")
    if let reportFile {
      let page = TrainingPage(
        trained, data: data, classifier: classifier, test: test, pictures: loaded.pictures)
      try reportFile.write(
        page.html(
          model: output, source: input.path, estimate: report.estimate, warnings: report.warnings,
          origin: ReportFile.origin), console)
    }
    if partition.test.isEmpty {
      let name = partition.validation.isEmpty ? "cross-validated" : "validation"
      console.note(
        "There is no test split: the \(name) accuracy is an estimate, a little too good where it "
          + "chose. To measure, hold images back with --test-fraction 0.2 --seed 0.")
    }
  }

  private func nestedEstimate(_ data: LabelledFeatures, _ partition: Partition) throws -> NestedEstimate {
    let line = ProgressLine("nested cross-validation,", unit: "folds", console: console)
    defer { line.finish() }
    return try trainer.nestedEstimate(data, partition) { line.update($0, of: $1) }
  }

  /// The backbone that a store was made with, if its weights are here: only the golden scores need it.
  private func backbone(of store: FeatureStore) -> Backbone? {
    do {
      let backbone = try Backbone.load(store.identity.backbone)
      guard backbone.weightsHash == store.identity.weightsHash else {
        console.note(
          "The store was made with other weights than those here: the model gets no golden scores.")
        return nil
      }
      return backbone.computing(as: store.identity)
    } catch {
      console.note("The store's backbone is not here, so the model gets no golden scores: \(error)")
      return nil
    }
  }
}
