// Leading rows of many classes approximate an inverse. With them, fits take few Hessian products and reach the same
// optimum.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct LeadingRowsTests {
  /// Rows around random class centers in a space of factors, which are mixed into columns and rectified.
  private static func clouds(
    sizes: [Int], columns: Int, factors: Int, spread: Double, seed: UInt64
  ) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: seed)
    let mixing = numbers.array(factors * columns, scale: 1 / Double(factors).squareRoot())
    let centers = numbers.array(sizes.count * factors, scale: spread)
    var elements: [Float] = []
    let labels = sizes.indices.flatMap { [Int](repeating: $0, count: sizes[$0]) }
    for label in labels {
      let hidden = numbers.array(factors, scale: 1)
      let noise = numbers.array(columns, scale: 0.5)
      for j in 0..<columns {
        var value = noise[j] - 0.2
        for f in 0..<factors { value += (hidden[f] + centers[label * factors + f]) * mixing[f * columns + j] }
        elements.append(Float(max(0, value)))
      }
    }
    return (MatrixView(rows: labels.count, columns: columns, elements: elements), labels)
  }

  /// The classes are balanced, or have 3 to 40 rows.
  @Test(arguments: [[Int](repeating: 6, count: 200), (0..<150).map { 3 + ($0 % 8 == 0 ? 37 : $0 % 5) }])
  func aPathTakesFewProducts(sizes: [Int]) throws {
    let (features, labels) = Self.clouds(sizes: sizes, columns: 120, factors: 40, spread: 0.8, seed: 4)
    var settings = LogisticRegression(standardization: .none, tolerance: 1e-9)
    let data = try settings.prepare(features, labels: labels, classCount: sizes.count)
    for c in [0.001, 0.01, 0.1, 1, 10, 100] {
      settings.c = c
      let fitted = try settings.fit(data, start: nil)
      #expect(fitted.converged, "C \(c): \(fitted.relativeGap)")
      #expect(fitted.hessianProducts <= 80, "C \(c): \(fitted.hessianProducts)")
    }
  }

  @Test func threadsChangeNothing() throws {
    let sizes = [Int](repeating: 12, count: 120)
    let (features, labels) = Self.clouds(sizes: sizes, columns: 60, factors: 30, spread: 0.8, seed: 5)
    let fits = try [1, 3].map { threads in
      try LogisticRegression(c: 1, threads: threads).fit(features, labels: labels, classCount: sizes.count)
    }
    #expect(fits[0].weights == fits[1].weights && fits[0].bias == fits[1].bias)
  }
}
