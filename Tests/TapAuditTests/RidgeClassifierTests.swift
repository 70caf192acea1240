// Leave-one-out scores equal the scores of fits that really leave a row out.

import TapAudit
import TapTensors
import TestSupport
import Testing

struct RidgeClassifierTests {
  /// A ridge regression that is solved by Gaussian elimination, with the intercept as an appended column of ones.
  struct Definition {
    let rows: [[Double]]
    let labels: [Int]
    let classCount: Int

    /// The sum of all squares of the centered rows, divided by the number of columns: the unit of the penalty.
    let unit: Double

    /// Subtracts the mean of all rows from each column.
    init(_ features: [Float], columns: Int, labels: [Int], classCount: Int) {
      let count = labels.count
      var rows = (0..<count).map { i in (0..<columns).map { Double(features[i * columns + $0]) } }
      for j in 0..<columns {
        let mean = rows.reduce(0) { $0 + $1[j] } / Double(count)
        for i in 0..<count { rows[i][j] -= mean }
      }
      unit = rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } } / Double(columns)
      self.rows = rows.map { $0 + [1] }
      self.labels = labels
      self.classCount = classCount
    }

    /// The weights, `[columns + 1][classes]`, of a fit to some rows.
    func weights(_ penalty: Double, without left: Int?) -> [[Double]] {
      let width = rows[0].count
      var system = [[Double]](repeating: [Double](repeating: 0, count: width + classCount), count: width)
      for i in rows.indices where i != left {
        for a in 0..<width {
          for b in 0..<width { system[a][b] += rows[i][a] * rows[i][b] }
          system[a][width + labels[i]] += rows[i][a]
        }
      }
      for a in 0..<(width - 1) { system[a][a] += penalty }
      for k in 0..<width {
        let pivot = (k..<width).max { abs(system[$0][k]) < abs(system[$1][k]) } ?? k
        system.swapAt(k, pivot)
        for i in 0..<width where i != k {
          let factor = system[i][k] / system[k][k]
          guard factor != 0 else { continue }
          for j in k..<(width + classCount) { system[i][j] -= factor * system[k][j] }
        }
      }
      return (0..<width).map { k in (0..<classCount).map { system[k][width + $0] / system[k][k] } }
    }

    func scores(_ row: [Double], _ weights: [[Double]]) -> [Double] {
      (0..<classCount).map { c in zip(row, weights).reduce(0) { $0 + $1.0 * $1.1[c] } }
    }

    /// The scores of each row by a fit to the other rows.
    func leaveOneOut(_ penalty: Double) -> [[Double]] {
      rows.indices.map { scores(rows[$0], weights(penalty, without: $0)) }
    }
  }

  static func problem(count: Int, columns: Int, seed: UInt64) -> (features: [Float], labels: [Int]) {
    var numbers = XorShift(seed: seed)
    let labels = (0..<count).map { $0 * 7 % 3 }
    let features = labels.flatMap { label in
      (0..<columns).map { j -> Float in
        if j == 1 { return 5 }  // A constant column.
        return Float((j % 3 == label ? 1.2 : 0) + numbers.normal() + (j == 2 ? 100 : 0))
      }
    }
    return (features, labels)
  }

  @Test(arguments: [(30, 6), (24, 40), (300, 5), (7, 7)])
  func scoresAreThoseOfRefits(count: Int, columns: Int) throws {
    let (features, labels) = Self.problem(count: count, columns: columns, seed: UInt64(count))
    let matrix = MatrixView(rows: count, columns: columns, elements: features)
    let classifier = try RidgeClassifier(matrix, labels: labels, classCount: 3, threads: 2)
    let definition = Definition(features, columns: columns, labels: labels, classCount: 3)
    let expected = definition.leaveOneOut(classifier.penalty * definition.unit)
    for i in 0..<count {
      for c in 0..<3 {
        #expect(abs(Double(classifier.leaveOneOutScores[i * 3 + c]) - expected[i][c]) < 2e-5, "\(i), \(c)")
      }
    }
    // The chosen penalty has the smallest error of all penalties.
    guard count * columns < 1000 else { return }
    let errors = RidgeClassifier.penalties.map { penalty in
      zip(definition.leaveOneOut(penalty * definition.unit), labels).reduce(0.0) { sum, row in
        sum + row.0.enumerated().reduce(0) { $0 + ($1.1 - ($1.0 == row.1 ? 1 : 0)) * ($1.1 - ($1.0 == row.1 ? 1 : 0)) }
      }
    }
    let chosen = try #require(RidgeClassifier.penalties.firstIndex(of: classifier.penalty))
    #expect(try errors[chosen] <= #require(errors.min()) * (1 + 1e-9))
  }

  @Test func predictionsAreThoseOfTheDefinition() throws {
    let (features, labels) = Self.problem(count: 60, columns: 8, seed: 3)
    let matrix = MatrixView(rows: 60, columns: 8, elements: features)
    let rows = Array(0..<40)
    let classifier = try RidgeClassifier(
      matrix, rows: rows, labels: Array(labels[..<40]), classCount: 3, threads: 1)
    let definition = Definition(Array(features[..<320]), columns: 8, labels: Array(labels[..<40]), classCount: 3)
    let weights = definition.weights(classifier.penalty * definition.unit, without: nil)
    let expected = (0..<40).map { i -> Int in
      let scores = definition.scores(definition.rows[i], weights)
      return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
    #expect(classifier.predictions(matrix, rows: rows) == expected)
    #expect(Set(classifier.predictions(matrix, rows: Array(40..<60))).count > 1)
  }

  @Test func rowsArePowerNormalized() {
    let matrix = MatrixView(rows: 3, columns: 3, elements: [4, -9, 3, 0, 0, 0, 1e30, 0, -3e30]).powerNormalized
    let expected: [Double] = [0.5, -0.75, 3.0.squareRoot() / 4, 0, 0, 0, 0.5, 0, -0.75.squareRoot()]
    for place in 0..<9 { #expect(abs(Double(matrix[place / 3, place % 3]) - expected[place]) < 1e-6) }
  }

  @Test func threadsDoNotMatter() throws {
    let (features, labels) = Self.problem(count: 700, columns: 9, seed: 4)
    let matrix = MatrixView(rows: 700, columns: 9, elements: features)
    let one = try RidgeClassifier(matrix, labels: labels, classCount: 3, threads: 1)
    let three = try RidgeClassifier(matrix, labels: labels, classCount: 3, threads: 3)
    #expect(one.leaveOneOutScores == three.leaveOneOutScores && one.penalty == three.penalty)
    let noise = LabelNoise(scores: one.leaveOneOutScores, labels: labels, classCount: 3, threads: 1)
    #expect(
      noise.wrong == LabelNoise(scores: one.leaveOneOutScores, labels: labels, classCount: 3, threads: 3).wrong)
  }

  @Test func badFeaturesAreRefused() throws {
    var (features, labels) = Self.problem(count: 20, columns: 4, seed: 5)
    features[9] = .nan
    let matrix = MatrixView(rows: 20, columns: 4, elements: features)
    #expect(throws: AuditError.self) {
      try RidgeClassifier(matrix, labels: labels, classCount: 3, threads: 1)
    }
    let wide = MatrixView(rows: 6100, columns: 6100) { _ in }
    labels = (0..<6100).map { $0 % 2 }
    #expect(throws: AuditError.tooWide(rows: 6100, columns: 6100, limit: 6000)) {
      try RidgeClassifier(wide, labels: labels, classCount: 2, threads: 1)
    }
  }
}
