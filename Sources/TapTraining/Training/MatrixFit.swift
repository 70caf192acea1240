// Fits a linear model to all rows of a matrix and estimates no accuracy. This is the meaning of `fit` in scikit-learn.

import Synchronization
import TapBackbone
import TapClassifier
import TapFormats
import TapKernels
import TapLinear
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

/// The class, weight, group and fold of each row of a matrix.
package struct RowTargets: Sendable {
  /// The class of each row, in `0..<classNames.count`.
  package var labels: [Int]
  /// The names of the classes, at least two, all different.
  package var classNames: [String]
  /// The weight of each row, finite and at least 0; nil gives each row the weight 1.
  package var weights: [Double]?
  /// The group of each row. Rows of a group are in the same fold.
  package var groups: [Int]?
  /// The fold that holds out each row, from 0 without gaps; nil for a row that no fold holds out. If the whole value is
  /// nil, folds are drawn.
  package var folds: [Int?]?

  /// Creates targets of rows without weights, groups and folds.
  package init(labels: [Int], classNames: [String]) {
    self.labels = labels
    self.classNames = classNames
  }
}

/// A linear model that was fitted to all rows of a matrix.
package struct MatrixFit: Sendable {
  /// The settings of the fit.
  package let settings: TrainingSettings
  /// The names of the classes, in the order of class indices.
  package let classNames: [String]
  /// The choice of C; nil if the settings give C.
  package let selection: Selection?
  /// The fitted model.
  package let model: FittedLinearModel
  /// The number of rows of each class.
  private let classCounts: [Int]

  /// The settings of a fit that are the default here: C is 1, and features are not scaled.
  package static var defaults: TrainingSettings {
    var settings = TrainingSettings(c: 1)
    settings.standardization = .none
    return settings
  }

  /// The settings that a fit has no use for, because it estimates no accuracy and holds back no rows.
  private static let settingsOfTraining = [
    "calibrate", "nested", "refit", "testFraction", "validationFraction",
  ]

  /// Reads the settings of a fit from a JSON object.
  ///
  /// - Throws: ``SettingsError``.
  package static func settings(_ given: [String: JSONValue]) throws(SettingsError) -> TrainingSettings {
    if let field = settingsOfTraining.first(where: { given[$0] != nil }) {
      throw .rule(field: field, "it is for a training; a fit uses every row and estimates no accuracy")
    }
    return try defaults.taking(given)
  }

  /// Fits a model. If the settings name several values of C, cross-validation chooses one of them first.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`.
  ///   - threads: the number of threads; nil is the number of cores that this process may use. The number changes no
  ///     result.
  ///   - progress: receives the number of fits done and the maximum number of fits.
  /// - Throws: ``TrainingError``, also after a requested cancellation.
  package init(
    _ features: MatrixView, _ targets: RowTargets, _ settings: TrainingSettings, threads: Int? = nil,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) {
    do { try settings.validate() } catch { throw .settings(error) }
    let names = targets.classNames
    var counts = [Int](repeating: 0, count: names.count)
    for (row, label) in targets.labels.enumerated() {
      guard counts.indices.contains(label) else {
        throw .selection(.labelOutOfRange(row: row, label: label, classCount: names.count))
      }
      counts[label] += 1
    }
    var search = settings.search(trainingCounts: counts, rows: features.rows, threads: threads)
    search.sampleWeights = targets.weights
    // A fold beyond the number of rows is an error of the search.
    let folds =
      targets.folds.map { min($0.compactMap(\.self).max() ?? 0, features.rows) + 1 }
      ?? search.folds * search.repeats
    let searches = settings.searchesC
    try MemoryEstimate(
      rows: features.rows, classes: names.count, dimensions: features.columns,
      fits: searches ? min(search.model.threads, folds) : 1, parts: searches ? folds : 1, model: search.model
    ).check()
    let total = searches ? folds * search.candidates.count + 1 : 1
    let done = Mutex(0)
    search.progress = { count in
      progress(
        done.withLock { done in
          done += count
          return min(done, total)
        }, total)
    }
    do {
      let chosen = try Self.selection(search, features, targets, searches: searches)
      let selection =
        chosen
        ?? .unjudged(
          c: search.model.kind.isRegularized ? search.candidates[0] : nil, rule: search.rule,
          criterion: search.criterion)
      model = try search.fit(
        selection, features, rows: nil, labels: targets.labels, classCount: names.count)
      self.selection = chosen
    } catch { throw TrainingError(error, classNames: names) }
    progress(total, total)
    self.settings = settings
    classNames = names
    classCounts = counts
  }

  private static func selection(
    _ search: RegularizationSearch, _ features: MatrixView, _ targets: RowTargets, searches: Bool
  ) throws(SelectionError) -> Selection? {
    guard searches else { return nil }
    let (labels, count) = (targets.labels, targets.classNames.count)
    if let folds = targets.folds {
      return try search.crossValidation(features, folds: folds, labels: labels, classCount: count)
    }
    return try search.crossValidation(features, labels: labels, classCount: count, groups: targets.groups)
  }

  /// Whether a matrix with its targets can be the one that the model was fitted to: it has as many columns, and as many
  /// rows of each class.
  package func canBeFit(of features: MatrixView, _ targets: RowTargets) -> Bool {
    guard features.columns == model.dimensions, targets.classNames == classNames else { return false }
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in targets.labels { counts[label] += 1 }
    return counts == classCounts
  }

  /// The hash of rows that ``TrainingSummary/dataHash`` describes. Rows are hashed in parallel.
  ///
  /// A fit does not compute the hash, because only a classifier's file needs it.
  package static func dataHash(
    of features: MatrixView, _ targets: RowTargets, threads: Int = Threads.available
  ) -> String {
    let hashes = Mutex([String](repeating: "", count: features.rows))
    let (rows, piece) = (features.rows, 256)
    Threads.concurrentForEach(count: (rows + piece - 1) / piece, threads: threads) { index in
      let range = index * piece..<min((index + 1) * piece, rows)
      let part = range.map(features.hash(ofRow:))
      hashes.withLock { $0.replaceSubrange(range, with: part) }
    }
    return TrainingSummary.dataHash(
      of: hashes.withLock { $0 }.enumerated().lazy.map { row, hash in
        (hash, targets.classNames[targets.labels[row]], targets.weights?[row] ?? 1)
      })
  }

  /// The classifier of the fitted model, with weights as in a classifier's file.
  ///
  /// - Parameters:
  ///   - extraction: the settings of the features, which are the columns of a backbone; nil for a matrix of unknown
  ///     origin.
  ///   - columns: the columns of the backbone that are side by side in the matrix.
  ///   - backbone: the backbone, which computes the golden scores; nil for a matrix of unknown origin.
  ///   - dataHash: the hash of the rows that the model was fitted to; empty if it is not known.
  /// - Throws: ``ClassifierError``.
  package func classifier(
    extraction: ExtractionSettings? = nil, columns: [Column] = [], backbone: Backbone? = nil, dataHash: String = ""
  ) throws(ClassifierError) -> Classifier {
    let method: SelectionRecord.Method =
      if case .crossValidation(let folds)? = selection?.method {
        .crossValidation(folds: folds, repeats: selection?.repeats ?? 1)
      } else {
        .unjudged
      }
    let tried = selection?.candidates ?? []
    let summary = TrainingSummary(
      settings: ModelSettings(settings, extraction: extraction), solver: model.solver.rawValue,
      c: model.c, standardization: settings.resolvedStandardization.rawValue, objective: model.objective,
      gap: model.gap, iterations: model.iterations, converged: model.converged,
      selection: SelectionRecord(
        method, rule: selection?.rule ?? .best, criterion: selection?.criterion ?? .accuracy,
        tried: tried.isEmpty ? [model.c].compactMap(\.self) : tried.compactMap(\.c)),
      estimates: tried.map { TrainingSummary.Estimate(c: $0.c, accuracy: $0.accuracy) },
      classCounts: classCounts, dataHash: dataHash, projection: model.projection)
    let source = backbone.map {
      Classifier.FeatureSource(identity: BackboneIdentity($0), columns: columns, goldenScores: nil)
    }
    let classifier = try Classifier(model, classNames: classNames, source: source, training: summary)
    return try backbone.map { backbone throws(ClassifierError) in
      try classifier.withGoldenScores(of: backbone)
    } ?? classifier
  }
}

extension TrainingSummary {
  /// The value of ``dataHash`` for items with these content hashes, class names and weights.
  static func dataHash(of items: some Sequence<(hash: String, name: String, weight: Double)>) -> String {
    var hash = SHA256()
    for item in items {
      let weight = item.weight == 1 ? "" : " " + ShortestDecimal.text(item.weight)
      hash.update(Array("\(item.hash) \(item.name)\(weight)\n".utf8))
    }
    return hash.finalize().hex
  }
}
