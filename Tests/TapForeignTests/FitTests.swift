import CTapForeign
import Glibc
import TapForeign
import TapFormats
import TestSupport
import Testing

/// Fits at the C face against the definition of the objective, in every layout of the features.
@Suite struct FitTests {
  /// ½ ‖w‖² + C Σ log(1 + exp(-y z)) of two classes and its gradient, computed from the definition.
  private func logistic(
    _ rows: Rows, c: Double, weights: [Double], bias: Double
  ) -> (value: Double, gradient: [Double]) {
    var value = weights.reduce(0) { $0 + 0.5 * $1 * $1 }
    var gradient = weights + [0]
    for row in 0..<rows.count {
      let x = (0..<rows.columns).map { Double(rows.values[row * rows.columns + $0]) }
      let sign = rows.classes[row] == 1 ? 1.0 : -1
      let score = zip(weights, x).reduce(bias) { $0 + $1.0 * $1.1 }
      let cost = c * (rows.weights?[row] ?? 1)
      value += cost * log1p(exp(-sign * score))
      let slope = -cost * sign / (1 + exp(sign * score))
      for column in x.indices { gradient[column] += slope * x[column] }
      gradient[rows.columns] += slope
    }
    return (value, gradient)
  }

  @Test(arguments: [0.1, 1, 30]) func aLogisticRegressionMinimizesScikitLearnsObjective(_ c: Double) throws {
    var rows = Rows.drawn()
    rows.weights = (0..<rows.count).map { Double($0 % 3) }
    let model = try rows.fit("{\"c\": \(c), \"tolerance\": 1e-12}")
    var facts = layertap_facts()
    try checked { unsafe layertap_model_facts(model, &facts) }
    #expect(facts.converged == 1 && facts.relative_gap <= 1e-12 && facts.classes == 2 && facts.c == c)
    let (weights, biases) = try weights(of: model, classes: 2, columns: 3)
    let slope = (0..<3).map { weights[3 + $0] - weights[$0] }
    let (value, gradient) = logistic(rows, c: c, weights: slope, bias: biases[1] - biases[0])
    // The objective is computed with 80 terms of double precision.
    #expect(abs(value - facts.objective) <= 1e-13 * value)
    // A gap g bounds the gradient: ½ ‖∇‖² ≤ L g, with L at most 1 + C ‖X‖² / 4 < 40 C + 1 here.
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(norm <= (2 * (40 * c + 1) * (facts.gap + 1e-13 * value)).squareRoot())
    try release(model)
  }

  @Test func everyLayoutGivesTheSameModel() throws {
    let rows = Rows.drawn()
    let packed = try rows.fit("{\"c\": 3}")
    let expected = try weights(of: packed, classes: 2, columns: 3).weights
    try release(packed)
    let (count, columns) = (rows.count, rows.columns)
    func value(_ row: Int, _ column: Int) -> Float { rows.values[row * columns + column] }
    // Column-major float64, reversed float32 rows, float32 at an odd address with a gap, and single values of 7 bytes.
    let transposed = (0..<columns).flatMap { j in (0..<count).map { Double(value($0, j)) } }
    let reversed = (0..<count).reversed().flatMap { i in (0..<columns).map { value(i, $0) } }
    func bytes(step: Int, gap: Int, from start: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0xff, count: start + count * (columns * step + gap))
      for row in 0..<count {
        for column in 0..<columns {
          let place = start + row * (columns * step + gap) + column * step
          for (index, byte) in littleEndian(value(row, column)).enumerated() { bytes[place + index] = byte }
        }
      }
      return bytes
    }
    let (odd, spread) = (bytes(step: 4, gap: 5, from: 1), bytes(step: 7, gap: 0, from: 0))
    try unsafe transposed.withUnsafeBytes { data in
      try expectFit(rows, expected, data.baseAddress, 8, Int64(8 * count), LAYERTAP_FLOAT64)
    }
    try unsafe reversed.withUnsafeBytes { data in
      let last = unsafe data.baseAddress! + 4 * columns * (count - 1)
      try expectFit(rows, expected, last, Int64(-4 * columns), 4, LAYERTAP_FLOAT32)
    }
    try unsafe odd.withUnsafeBytes { data in
      let start = unsafe data.baseAddress! + 1
      try expectFit(rows, expected, start, Int64(4 * columns + 5), 4, LAYERTAP_FLOAT32)
    }
    try unsafe spread.withUnsafeBytes { data in
      try expectFit(rows, expected, data.baseAddress, Int64(7 * columns), 7, LAYERTAP_FLOAT32)
    }
  }

  private func littleEndian(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }

  @safe private func expectFit(
    _ rows: Rows, _ expected: [Double], _ data: UnsafeRawPointer?, _ rowStride: Int64, _ columnStride: Int64,
    _ type: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var matrix = unsafe layertap_matrix(
      data: data, rows: rows.count, columns: rows.columns, row_stride: rowStride, column_stride: columnStride,
      type: type)
    let model = try rows.withTargets { targets in
      try handle { model in
        withText("{\"c\": 3}") { unsafe layertap_fit(&matrix, targets, $0, $1, nil, model) }
      }
    }
    #expect(try weights(of: model, classes: 2, columns: 3).weights == expected, sourceLocation: sourceLocation)
    try release(model)
  }

  @Test func float16IsConvertedExactly() throws {
    // 1, -2, 0.5 and 65504 in binary16, and the same numbers in float32.
    let halves: [UInt16] = [0x3c00, 0xc000, 0x3800, 0x7bff]
    let rows = Rows(columns: 1, values: [1, -2, 0.5, 65504], classes: [0, 0, 1, 1])
    let model = try rows.fit("{\"classifier\": \"nearest-mean\"}")
    let expected = try weights(of: model, classes: 2, columns: 1)
    // The means are -0.5 and 32752.25, and the mean of all is 16375.875.
    #expect(expected.weights == [-16376.375, 16376.375])
    try unsafe halves.withUnsafeBytes { data in
      var matrix = unsafe layertap_matrix(
        data: data.baseAddress, rows: 4, columns: 1, row_stride: 2, column_stride: 2, type: LAYERTAP_FLOAT16)
      let other = try rows.withTargets { targets in
        try handle { model in
          withText("{\"classifier\": \"nearest-mean\"}") {
            unsafe layertap_fit(&matrix, targets, $0, $1, nil, model)
          }
        }
      }
      #expect(try weights(of: other, classes: 2, columns: 1) == expected)
      try release(other)
    }
    try release(model)
  }

  @Test func predictionsFollowTheWeights() throws {
    let rows = Rows.drawn(classCount: 3, count: 60)
    let model = try rows.fit("{\"c\": 5}")
    let (weights, biases) = try weights(of: model, classes: 3, columns: 3)
    var classes = [Int64](repeating: -9, count: rows.count)
    var probabilities = [Double](repeating: 0, count: 3 * rows.count)
    var scores = probabilities
    try rows.with { matrix, _ in
      try checked { unsafe layertap_model_predict(model, matrix, nil, &classes, &probabilities, &scores) }
    }
    for row in 0..<rows.count {
      let expected = (0..<3).map { label in
        (0..<3).reduce(biases[label]) { $0 + weights[3 * label + $1] * Double(rows.values[3 * row + $1]) }
      }
      let found = Array(scores[3 * row..<3 * row + 3])
      let powers = expected.map { exp($0) }
      for label in 0..<3 {
        #expect(abs(found[label] - expected[label]) < 1e-13)
        #expect(abs(probabilities[3 * row + label] - powers[label] / powers.reduce(0, +)) < 1e-13)
      }
      #expect(classes[row] == Int64(found.firstIndex(of: found.max() ?? 0) ?? -1))
    }
    try release(model)
  }

  @Test func noRowsAreNoError() throws {
    let model = try Rows.drawn().fit()
    let none = Rows(columns: 3, values: [], classes: [])
    try none.with { matrix, _ in
      try checked { unsafe layertap_model_predict(model, matrix, nil, nil, nil, nil) }
    }
    #expect(
      try none.fitFailure()
        == ForeignFailure(status: LAYERTAP_DATA, text: "no rows to fit; give at least one row of each class"))
    try release(model)
  }

  @Test func searchesChooseOneOfTheValues() throws {
    var rows = Rows.drawn(count: 60)
    rows.folds = (0..<60).map { Int64($0 / 2 % 3) }
    let model = try rows.fit("{\"c\": [0.01, 1, 100], \"exhaustive\": true}")
    let found = try json { unsafe layertap_model_describe(model, $0) }
    let selection = try #require(found["selection"])
    let candidates = try selection.array("candidates")
    #expect(try candidates.map { try $0.double("c") } == [0.01, 1, 100])
    for candidate in candidates {
      let folds = try candidate.array("foldAccuracies").compactMap(\.doubleValue)
      #expect(folds.count == 3 && folds.allSatisfy { (0...1).contains($0) })
      #expect(try abs(folds.reduce(0, +) / 3 - candidate.double("accuracy")) < 1e-12)
    }
    let best = try candidates.map { try $0.double("accuracy") }.max()
    let chosen = try candidates.first { try $0.double("c") == selection.double("c") }
    #expect(try chosen?.double("accuracy") == best)
    #expect(try found.double("c") == selection.double("c"))
    try release(model)
  }

  /// A size of C is at most 2^64 - 1, which is -1 in Swift.
  @Test(arguments: [1, 3, 5000, .max, .min, -1]) func everyNumberOfThreadsGivesTheSameModel(_ threads: Int) throws {
    let rows = Rows.drawn()
    let settings = "{\"c\": [0.1, 1], \"folds\": 2}"
    let expected = try rows.fit(settings)
    let (model, scores) = try rows.with { matrix, targets in
      var work = unsafe layertap_work(threads: threads, progress: nil, context: nil)
      let model = try handle { model in
        withText(settings) { unsafe layertap_fit(matrix, targets, $0, $1, &work, model) }
      }
      var scores = [Double](repeating: 0, count: 2 * rows.count)
      try checked { unsafe layertap_model_predict(model, matrix, &work, nil, nil, &scores) }
      return (model, scores)
    }
    let found = try weights(of: model, classes: 2, columns: 3)
    let other = try weights(of: expected, classes: 2, columns: 3)
    #expect(found.weights == other.weights && found.biases == other.biases)
    for row in 0..<rows.count {
      let expected = (0..<3).reduce(found.biases[1]) { sum, column in
        sum + found.weights[3 + column] * Double(rows.values[3 * row + column])
      }
      #expect(abs(scores[2 * row + 1] - expected) < 1e-12)
    }
    try release(expected, model)
  }
}
