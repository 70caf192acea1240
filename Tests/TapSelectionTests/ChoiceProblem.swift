// Problems on which a shortened search for C could choose another value than the full one.

import TapLinear
import TapMetrics
import TapSelection
import TapTensors

/// A random problem with its search. The same number gives the same problem.
struct ChoiceProblem {
  /// The property that makes a problem difficult for a search.
  enum Kind: Int, CaseIterable {
    case overlapping, separable, rareClass, duplicateRows, shifted, nearCopies, hundredClasses, fewColumns
    case manyColumns, labelNoise, unbalanced, groups, byLogLoss, svm, sparse, oneVersusRest, weighted
    case farOutliers, repeated, validationPart
  }

  let kind: Kind
  private(set) var features = MatrixView(rows: 0, columns: 1, elements: [])
  private(set) var labels: [Int] = []
  let classCount: Int
  private(set) var groups: [Int]?
  /// The held-out rows, if there are no folds.
  private(set) var split: Split?
  /// The default search, except for the settings of the kind.
  private(set) var search: RegularizationSearch
  private var generator: SeededGenerator

  init(_ number: Int) {
    kind = Kind.allCases[number % Kind.allCases.count]
    generator = SeededGenerator(seed: 0x5a3e_c401 &+ UInt64(number))
    search = RegularizationSearch(
      model: .logistic(LogisticRegression(threads: 1)), folds: [3, 5][generator.next(below: 2)],
      seed: UInt64(number))
    classCount = kind == .hundredClasses ? 100 : [2, 3, 4, 7, 12][generator.next(below: 5)]
    makeRows()
    chooseSearch(number)
  }

  /// The exhaustive search.
  ///
  /// Logistic fits continue until nothing changes. With a tiny C, the penalty is too small to show in a gap relative to
  /// the objective, but the penalty still determines the weights. The losses of SVMs and the L1 penalty have kinks.
  /// Such fits would take too long, so their tolerance is wider.
  var exhaustive: RegularizationSearch {
    var result = search
    let tolerance = kind == .svm || kind == .sparse ? 1e-11 : 1e-16
    result.patience = nil
    result.model.tolerance = tolerance
    result.searchTolerance = tolerance
    return result
  }

  func chosen(by search: RegularizationSearch) throws -> Selection {
    if let split {
      return try search.validation(features, split: split, labels: labels, classCount: classCount)
    }
    return try search.crossValidation(features, labels: labels, classCount: classCount, groups: groups)
  }

  /// The largest norm of a scaled row.
  func largestNorm(_ scaler: FeatureScaler) -> Double {
    (0..<features.rows).reduce(0) { largest, row in
      features.withRow(row) { values in
        let squares = values.indices.reduce(0.0) { sum, j in
          let value = (Double(values[j]) - scaler.offset[j]) / scaler.scale[j]
          return sum + value * value
        }
        return max(largest, squares.squareRoot())
      }
    }
  }

  // MARK: Rows

  private mutating func uniform() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  private mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }

  private mutating func pick<T>(_ values: [T]) -> T { values[generator.next(below: values.count)] }

  /// The number of rows of each class.
  private mutating func sizes() -> [Int] {
    switch kind {
    case .hundredClasses: return (0..<100).map { 3 + $0 % 3 }
    case .rareClass:
      let rare = pick([3, 5, 9])
      return (0..<classCount).map { $0 == classCount - 1 ? rare : 180 / classCount }
    case .unbalanced: return (0..<classCount).map { max(5, 160 / (1 + $0)) }
    case .manyColumns: return (0..<classCount).map { _ in max(4, 48 / classCount) }
    case .fewColumns: return (0..<classCount).map { _ in 360 / classCount }
    default: return (0..<classCount).map { _ in 200 / classCount }
    }
  }

  private mutating func makeRows() {
    let columns =
      switch kind {
      case .fewColumns: pick([2, 3, 5, 8])
      case .hundredClasses: pick([4, 8, 16])
      case .manyColumns: pick([60, 120, 300])
      case .nearCopies: 20
      default: pick([4, 10, 24, 40])
      }
    // Over all columns together, two class means are about as far apart as the noise of one column.
    let spread = (kind == .separable ? 12 : pick([0.6, 1.2, 2.5])) / Double(columns).squareRoot()
    var means: [Double] = []
    for _ in 0..<(classCount * columns) { means.append(spread * normal()) }
    let order = sizes().enumerated().flatMap { label, size in [Int](repeating: label, count: size) }
    var elements: [Float] = []
    var places: [Double] = []
    let unit = pick([1e-3, 1, 50.0])
    for (row, label) in order.enumerated() {
      if kind == .duplicateRows, row % 3 == 2 {
        // Some rows repeat the row before, a few of them with another label.
        elements += elements.suffix(columns)
        labels.append(row % 15 == 14 ? (label + 1) % classCount : label)
        continue
      }
      var values: [Double] = []
      // A group shares a part of its rows' noise.
      if kind == .groups, row % 4 == 0 { places = [] }
      for j in 0..<columns {
        if kind == .groups, places.count <= j { places.append(normal()) }
        values.append(means[label * columns + j] + normal() + (kind == .groups ? places[j] : 0))
      }
      if kind == .shifted { for j in 0..<(columns / 2) { values[j] += 700 } }
      if kind == .nearCopies { for j in 10..<20 { values[j] = values[j - 10] + 1e-3 * normal() } }
      if kind == .farOutliers, row % 40 == 7 { for j in values.indices { values[j] *= 60 } }
      elements += values.map { Float(kind == .shifted ? $0 : unit * $0) }
      let isMistaken = kind == .labelNoise && uniform() < 0.15
      labels.append(isMistaken ? generator.next(below: classCount) : label)
    }
    features = MatrixView(rows: labels.count, columns: columns, elements: elements)
    if kind == .groups { groups = labels.indices.map { $0 / 4 } }
  }

  // MARK: Search

  private mutating func chooseSearch(_ number: Int) {
    let turn = number / Kind.allCases.count
    switch kind {
    case .unbalanced: search.criterion = turn % 3 == 2 ? .macroF1 : .balancedAccuracy
    case .rareClass: search.criterion = turn % 2 == 0 ? .usual(classCounts: sizes()) : .accuracy
    case .byLogLoss: search.criterion = .logLoss
    case .svm:
      search.model = .svm(LinearSVM(loss: HingeLoss.allCases[turn % HingeLoss.allCases.count], threads: 1))
    case .sparse:
      let penalty = turn % 2 == 0 ? Penalty.l1 : .elasticNet(l1Ratio: 0.5)
      search.model =
        turn % 4 < 3
        ? .logistic(LogisticRegression(penalty: penalty, threads: 1))
        : .svm(LinearSVM(loss: .squaredHinge, penalty: penalty, threads: 1))
    case .oneVersusRest:
      search.model = .logistic(LogisticRegression(multiClass: .oneVersusRest, threads: 1))
    case .weighted:
      search.model = .logistic(LogisticRegression(classWeights: .balanced, threads: 1))
      search.sampleWeights = labels.indices.map { [1, 2, 0.5, 0][$0 % 7 == 6 ? 3 : $0 % 3] }
    case .repeated: search.repeats = 2
    case .validationPart:
      split = Split(
        training: labels.indices.filter { $0 % 3 != 1 }, validation: labels.indices.filter { $0 % 3 == 1 })
    default: break
    }
    // A third of the problems have another scaling.
    if kind != .shifted, kind != .farOutliers, turn % 3 == 1, case .logistic(var model) = search.model {
      model.standardization = pick([.maximum, .none])
      search.model = .logistic(model)
    }
  }
}
