// A preconditioner of blocks of classes gives conjugate gradient few Hessian products on hard problems, and the same
// optimum.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct ClassBlocksTests {
  /// Rows with correlated columns that separate classes badly, as the features of shallow layers do.
  private static func shallow(
    rows: Int, columns: Int, classCount: Int, seed: UInt64
  ) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: seed)
    let factors = max(4, columns / 4)
    let mixing = numbers.array(factors * columns, scale: 1)
    let means = numbers.array(classCount * factors, scale: 0.6)
    var elements: [Float] = []
    let labels = (0..<rows).map { $0 % classCount }
    for label in labels {
      let hidden = numbers.array(factors, scale: 1)
      let noise = numbers.array(columns, scale: 0.1)
      for j in 0..<columns {
        var value = noise[j]
        for f in 0..<factors {
          value += (hidden[f] + means[label * factors + f]) * mixing[f * columns + j]
        }
        elements.append(Float(value))
      }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  /// The path goes up to C = 10⁴. The inverses are in double precision in the second case, and in single precision in
  /// the third case.
  @Test(arguments: [(800, 80, 10), (1200, 24, 60), (1600, 160, 8)])
  func aPathTakesFewProducts(rows: Int, columns: Int, classCount: Int) throws {
    let (features, labels) = Self.shallow(rows: rows, columns: columns, classCount: classCount, seed: 3)
    var settings = LogisticRegression(tolerance: 1e-9)
    let data = try settings.prepare(features, labels: labels, classCount: classCount)
    var last: FittedLinearModel?
    for c in [0.01, 0.1, 1, 10, 100, 1000, 10_000] {
      settings.c = c
      let fitted = try settings.fit(data, start: last.map { FitStart($0) })
      #expect(fitted.converged, "C \(c): \(fitted.relativeGap)")
      #expect(fitted.hessianProducts <= 200, "C \(c): \(fitted.hessianProducts)")
      #expect(fitted.iterations <= 25, "C \(c): \(fitted.iterations)")
      last = fitted
    }
  }

  /// Blocks that the fit of one C leaves must not harm the fit of another C, smaller or larger.
  @Test func blocksOfThePastDoNoHarm() throws {
    let (features, labels) = Self.shallow(rows: 500, columns: 40, classCount: 6, seed: 8)
    for intercept in [Intercept.free, .penalized(scale: 1), .none] {
      var settings = LogisticRegression(intercept: intercept, tolerance: 1e-10)
      let kept = try settings.prepare(features, labels: labels, classCount: 6)
      for c in [1e4, 1e-3, 1, 1e4, 10] {
        settings.c = c
        let fitted = try settings.fit(kept, start: nil)
        let fresh = try settings.fit(
          settings.prepare(features, labels: labels, classCount: 6), start: nil)
        #expect(fitted.converged && fresh.converged, "C \(c), \(intercept)")
        #expect(abs(fitted.objective - fresh.objective) <= 2e-10 * fresh.objective, "C \(c), \(intercept)")
      }
    }
  }

  @Test func threadsChangeNothing() throws {
    let (features, labels) = Self.shallow(rows: 600, columns: 30, classCount: 20, seed: 5)
    let fits = try [1, 3].map { threads in
      try LogisticRegression(c: 1000, threads: threads).fit(features, labels: labels, classCount: 20)
    }
    #expect(fits[0].weights == fits[1].weights && fits[0].bias == fits[1].bias)
  }
}
