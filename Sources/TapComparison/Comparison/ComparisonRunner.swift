// Runs a comparison on existing features. The comparison first judges every column under every classifier with the same
// folds. Then the best entry is evaluated on the test images. Last, the learning curve of the best entry is drawn.

import TapBackbone
import TapClassifier
import TapKernels
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapSettings
import TapTraining

/// Compares columns and classifiers.
public struct ComparisonRunner: Sendable {
  /// The progress of a comparison.
  public enum Progress: Hashable, Sendable {
    /// C is being chosen for all columns. The counts are fits, summed over all classifiers.
    case selecting(done: Int, total: Int)
    /// For each outer fold, everything is chosen again without the rows of the fold. The counts are fits, summed over
    /// all outer folds.
    case estimating(done: Int, total: Int)
    /// The forward pass up to each layer is timed.
    case measuringTime
    /// Models are fitted to parts of the training images.
    case drawingLearningCurve
  }

  /// The sizes of a learning curve, and the number of draws of each size.
  public struct CurveSettings: Hashable, Sendable {
    /// The sizes of the curve, as numbers of training images per class; nil stands for 1, 2, 4, … up to all images.
    public var sizes: [Int]?
    /// The number of random parts drawn for each size, at least 1.
    public var draws: Int

    /// Creates the settings of a curve, by default with ten draws of every size.
    public init(sizes: [Int]? = nil, draws: Int = 10) {
      self.sizes = sizes
      self.draws = draws
    }
  }

  /// The settings of each kind of model: at least one kind, and each kind once. The settings differ from each other
  /// only in the model.
  public var settings: [TrainingSettings]
  /// Whether the k nearest neighbors are compared as well, as a baseline: see ``NeighborBaseline``.
  public var comparesNeighbors: Bool
  /// The largest number of columns that are combined, 1 to 3. With 1, only single columns are compared. With 2 or 3,
  /// the best column of each kind of model and further columns beside it are compared as well: see
  /// `Comparison.Entry.columns`.
  public var combinedColumns: Int
  /// The settings of the learning curve; nil draws no learning curve.
  public var curve: CurveSettings?
  /// The number of threads; nil is the number of cores that this process may use. The number changes no result.
  public var threads: Int?

  /// Creates a comparison. The default settings compare columns under logistic regression and draw no learning curve.
  ///
  /// - Precondition: `settings` is not empty.
  public init(
    settings: [TrainingSettings] = [TrainingSettings()], comparesNeighbors: Bool = false,
    combinedColumns: Int = 1, curve: CurveSettings? = nil, threads: Int? = nil
  ) {
    precondition(!settings.isEmpty, "nothing to compare")
    precondition((1...3).contains(combinedColumns), "combinations of \(combinedColumns) columns")
    self.settings = settings
    self.comparesNeighbors = comparesNeighbors
    self.combinedColumns = combinedColumns
    self.curve = curve
    self.threads = threads
  }

  var classifiers: [ClassifierKind] { settings.map(\.model.kind) }

  /// The trainers, one for each kind of model.
  var trainers: [Trainer] {
    settings.map { settings in
      var trainer = Trainer(settings, threads: threads)
      trainer.requiresEstimate = true
      return trainer
    }
  }

  /// The choices, made only on training and validation items.
  public struct Choice: Sendable {
    /// The models: one for each classifier, with the results of all columns.
    let models: [TrainedModel]
    /// The combinations of columns, from the smallest to the largest of each classifier.
    let combinations: [Combination]
    /// The index of the best model in `models`, followed by the combinations.
    let best: Int

    /// The combination that is the best; nil if the best is a single column.
    var bestCombination: Combination? { best < models.count ? nil : combinations[best - models.count] }

    /// The index of the best classifier.
    var kind: Int { bestCombination?.kind ?? best }

    var winner: TrainedModel { bestCombination?.model ?? models[best] }
  }

  /// Compares the columns of `data`: calls ``choose(_:_:progress:)``, then
  /// ``judge(_:_:backbone:variants:instructionSet:progress:)``.
  ///
  /// - Throws: ``TrainingError``.
  public func run(
    _ data: LabeledFeatures, _ partition: Partition, backbone: Backbone? = nil,
    variants: [String: Backbone] = [:], instructionSet: InstructionSet = .best,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) throws(TrainingError) -> Comparison {
    let choice = try choose(data, partition, progress: progress)
    return try judge(
      choice, data, backbone: backbone, variants: variants, instructionSet: instructionSet, progress: progress)
  }

  /// Chooses C for every column under every classifier, then for combinations of columns if they are compared, and
  /// chooses the best column or combination and classifier. Test items are not used.
  ///
  /// - Throws: ``TrainingError``.
  public func choose(
    _ data: LabeledFeatures, _ partition: Partition,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) throws(TrainingError) -> Choice {
    var models: [TrainedModel] = []
    var estimates: [SearchEstimate] = []
    for trainer in trainers { estimates.append(try trainer.searchEstimate(data, partition)) }
    let total = try searchEstimate(data, partition).fits
    var before = 0
    for (trainer, estimate) in zip(trainers, estimates) {
      let done = before
      models.append(
        try trainer.train(data, partition) { fits, _ in
          progress(.selecting(done: done + fits, total: total))
        })
      before += estimate.fits
    }
    let combinations = try combinations(models, data, partition) { kind, count in
      before += count * (estimates[kind].all.first?.fitsOfColumn ?? 0)
      progress(.selecting(done: min(before, total), total: total))
    }
    progress(.selecting(done: total, total: total))
    let candidates = (models + combinations.map(\.model)).map(\.chosen.selection.chosen)
    var best = 0
    for index in candidates.indices where candidates[index].hasBetterScore(than: candidates[best]) {
      best = index
    }
    return Choice(models: models, combinations: combinations, best: best)
  }

  /// Compares every entry with the best entry, and evaluates the best entry on the test items if there are any. Then
  /// draws the learning curve of the best entry.
  ///
  /// - Parameters:
  ///   - data: the data that the choice was made on.
  ///   - backbone: the network whose times are measured and whose operations are counted. With nil, the result has no
  ///     times and no counts.
  ///   - variants: the networks of several compared backbones, by the text of the variant's name. They take the place
  ///     of `backbone`.
  /// - Throws: ``TrainingError``.
  public func judge(
    _ choice: Choice, _ data: LabeledFeatures, backbone: Backbone? = nil,
    variants: [String: Backbone] = [:], instructionSet: InstructionSet = .best,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) throws(TrainingError) -> Comparison {
    var winner = choice.winner
    if settings[0].isNested {
      do throws(TrainingError) {
        winner.summary.nested = try nestedEstimate(data, winner.partition, progress)
      } catch {
        guard error.holdingOutText != nil else { throw error }
        winner.nestedFailure = error
      }
    }
    if backbone != nil { progress(.measuringTime) }
    let bestIndex = choice.bestEntryIndex
    let neighbors = try neighborPredictions(winner, data)
    let (entries, baselines) = entries(
      choice, bestIndex, neighbors, data, instructionSet
    ) { candidate in
      candidate.variant.flatMap { variants[$0.name.text] } ?? backbone
    }
    let corrected = try correctedAccuracy(choice, data)
    let test = try evaluate(winner, data)
    var learningCurve: LearningCurve?
    if let curve {
      progress(.drawingLearningCurve)
      learningCurve = try draw(curve, winner, settings[choice.kind], data)
    }
    return Comparison(
      partition: winner.partition, classNames: winner.classNames, method: winner.summary.selection,
      entries: entries, baselines: baselines, bestIndex: bestIndex, best: winner,
      searchedColumns: choice.searchedColumns, tried: choice.tried,
      corrected: corrected, test: test,
      learningCurve: learningCurve, untried: choice.untried, equalColumnsText: choice.models[0].equalColumnsText,
      isUncombined: combinedColumns > 1 && choice.combinations.isEmpty,
      heldOutConfusion: winner.heldOutConfusion(of: data))
  }

  /// An estimate of the accuracy of the whole choice, which includes the choice of the kind of model. For each fold,
  /// everything is chosen again without the rows of that fold.
  private func nestedEstimate(
    _ data: LabeledFeatures, _ partition: Partition, _ progress: @escaping @Sendable (Progress) -> Void
  ) throws(TrainingError) -> NestedEstimate {
    var inner = self
    for index in settings.indices { inner.settings[index].calibration = .none }
    let runner = inner
    return try NestedCrossValidation(settings[0], threads: threads).estimate(
      data, partition, progress: { progress(.estimating(done: $0, total: $1)) },
      fits: { part throws(TrainingError) in try runner.searchEstimate(data, part).fits },
      train: { part, report throws(TrainingError) in
        try runner.choose(data, part) { step in
          if case .selecting(let done, let total) = step { report(done, total) }
        }.winner
      })
  }

  private func evaluate(
    _ winner: TrainedModel, _ data: LabeledFeatures
  ) throws(TrainingError) -> Evaluation? {
    let partition = winner.partition
    guard !partition.test.isEmpty else { return nil }
    let classifier: Classifier
    do {
      classifier = try winner.classifier(
        identity: data.prepared(as: winner.chosen.candidate).identity)
    } catch { throw .classifier(error) }
    return try Evaluation(
      classifier, on: data, features: winner.chosen.candidate.features, indices: partition.test)
  }

  /// Draws the learning curve. The curve is judged by the test images if there are any, and otherwise by the validation
  /// images. If there are no test images and no validation images, the curve is judged by three in ten training images
  /// of each class.
  private func draw(
    _ curve: CurveSettings, _ winner: TrainedModel, _ settings: TrainingSettings, _ data: LabeledFeatures
  ) throws(TrainingError) -> LearningCurve {
    let (names, partition) = (winner.classNames, winner.partition)
    var training = partition.training
    var heldOut = partition.test.isEmpty ? partition.validation : partition.test
    do {
      if heldOut.isEmpty {
        let images = training.map { data.items[$0].image }
        let split = try Splits.holdOut(
          labels: images.classIndices(names), classCount: names.count, fraction: 0.3, seed: settings.seed,
          groups: images.groupIndices)
        heldOut = split.validation.map { training[$0] }
        training = split.training.map { training[$0] }
      }
      var model = settings.linearModel(threads: threads)
      model.c = winner.chosen.selection.chosen.c
      model.tolerance = 1e-4
      let features = winner.chosen.candidate.features
      let used = training + heldOut
      let weights = used.map { data.items[$0] }.weightsByRow(features.rows)
      return try LearningCurve(
        model, features, labels: data.labels(of: used, classNames: names).values, classCount: names.count,
        training: training.map { data.items[$0].row },
        heldOut: heldOut.map { data.items[$0].row }, sampleWeights: weights, sizes: curve.sizes,
        draws: curve.draws, seed: settings.seed)
    } catch { throw TrainingError(error, classNames: names) }
  }
}
