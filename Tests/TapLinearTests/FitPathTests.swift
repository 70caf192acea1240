// The starting points of fits along a path of C.

import TapLinear
import TapTensors
import Testing

struct FitPathTests {
  private static let features = MatrixView(rows: 24, columns: 4, elements: (0..<96).map(element))

  private static func element(_ index: Int) -> Float {
    let base = Float(index * 37 % 23 - 11) / 7
    return index % 4 == 1 ? base + Float(index / 4 % 3) : base
  }

  private static let labels = (0..<24).map { $0 % 3 }

  private func fits(_ cs: [Double]) throws -> (TrainingData, [FittedLinearModel]) {
    var settings = LogisticRegression(tolerance: 1e-13)
    let data = try settings.prepare(Self.features, labels: Self.labels, classCount: 3)
    return (
      data,
      try cs.map {
        settings.c = $0
        return try settings.fit(data)
      }
    )
  }

  private func distance(_ start: FitStart, to fitted: FittedLinearModel) -> Double {
    let end = start.direction.map { zip(start.parameters, $0).map { $0 + $1 } } ?? start.parameters
    return zip(end, fitted.scaledParameters).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  @Test func nothingIsForetoldWithoutFits() throws {
    let (_, fitted) = try fits([1])
    var path = FitPath()
    #expect(path.start(at: 1) == nil)
    path.append(fitted[0])
    let start = try #require(path.start(at: 2))
    #expect(start.direction == nil && start.parameters == fitted[0].scaledParameters)
  }

  /// Each further fit brings the start nearer to the optimum. So does a leader, which is another path that is ahead.
  @Test func moreFitsForetellBetter() throws {
    let (_, fitted) = try fits([0.1, 0.2, 0.4, 0.8])
    let last = fitted[3]
    var distances: [Double] = []
    for count in 1...3 {
      var path = FitPath()
      for model in fitted[(3 - count)..<3] { path.append(model) }
      distances.append(distance(try #require(path.start(at: 0.8)), to: last))
    }
    #expect(distances[0] > 2 * distances[1] && distances[1] > 2 * distances[2])
    // A leader with exactly the same path predicts the optimum itself.
    var (path, leader) = (FitPath(), FitPath())
    for model in fitted[..<3] { path.append(model) }
    for model in fitted { leader.append(model) }
    let start = try #require(path.start(at: 0.8, after: leader))
    #expect(distance(start, to: last) < 1e-9 * distances[2] + 1e-12)
  }

  /// A leader with a very different path costs more steps but does not change the result.
  @Test func aMisleadingLeaderChangesNothing() throws {
    let (data, fitted) = try fits([0.1, 0.2, 0.4, 0.8])
    let other = Self.features.rows
    let shuffled = try LogisticRegression(tolerance: 1e-13).prepare(
      Self.features, labels: (0..<other).map { ($0 / 5) % 3 }, classCount: 3)
    var (path, leader) = (FitPath(), FitPath())
    for (index, c) in [0.1, 0.2, 0.4, 0.8].enumerated() {
      if index < 3 { path.append(fitted[index]) }
      leader.append(try LogisticRegression(c: c, tolerance: 1e-13).fit(shuffled))
    }
    let start = try #require(path.start(at: 0.8, after: leader))
    let misled = try LogisticRegression(c: 0.8, tolerance: 1e-13).fit(data, start: start)
    #expect(misled.converged)
    #expect(abs(misled.objective - fitted[3].objective) <= 2e-13 * fitted[3].objective)
  }
}
