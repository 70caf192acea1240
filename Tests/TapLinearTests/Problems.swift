// Random problems and their pieces, the same at every run.

import TapKernels
import TapLinear
import TapTensors
import TestSupport
import Testing

/// Numbers from a fixed generator.
struct Numbers {
  private var numbers: Congruential

  init(seed: UInt64) { numbers = Congruential(seed: seed) }

  /// A uniform number in -1..<1.
  mutating func next() -> Double { 2 * numbers.uniform() - 1 }

  mutating func array(_ count: Int, scale: Double = 1) -> [Double] {
    var result: [Double] = []
    for _ in 0..<count { result.append(scale * next()) }
    return result
  }
}

/// The extents and settings of a random problem.
struct ProblemShape: Sendable, CustomTestStringConvertible {
  var rows: Int
  var columns: Int
  var classCount: Int
  var c: Double
  var intercept: Intercept = .free
  /// The distance of class means: 0 mixes the classes, 3 separates them.
  var separation = 0.7

  var testDescription: String { "\(rows)x\(columns), \(classCount) classes, C \(c), \(intercept)" }

  static let several: [ProblemShape] = [
    ProblemShape(rows: 40, columns: 3, classCount: 2, c: 1),
    ProblemShape(rows: 60, columns: 7, classCount: 3, c: 0.01),
    ProblemShape(rows: 60, columns: 7, classCount: 3, c: 10),
    ProblemShape(rows: 30, columns: 80, classCount: 4, c: 0.1, separation: 2),
    ProblemShape(rows: 600, columns: 12, classCount: 5, c: 100, separation: 3),
    ProblemShape(rows: 60, columns: 7, classCount: 3, c: 1, intercept: .penalized(scale: 2)),
    ProblemShape(rows: 60, columns: 7, classCount: 3, c: 1, intercept: .none),
  ]

  /// A problem with uneven classes, with uneven sample weights, some of which are 0, and with columns of different
  /// offset and scale.
  func problem(seed: UInt64 = 1, product: MatrixProduct = .openBLAS) -> LinearProblem<SoftmaxLoss> {
    problem(SoftmaxLoss(classCount: classCount), seed: seed, product: product)
  }

  /// The same rows with another loss, and with inner products of rows for solvers that use them.
  func problem<Loss: PointwiseLoss>(
    _ loss: Loss, seed: UInt64 = 1, product: MatrixProduct = .openBLAS, withGram: Bool = true
  ) -> LinearProblem<Loss> {
    var numbers = Numbers(seed: seed)
    let means = numbers.array(classCount * columns, scale: separation)
    var labels: [Int] = []
    var costs: [Double] = []
    var elements: [Float] = []
    for row in 0..<rows {
      let label = row < classCount ? row : Int(abs(numbers.next()) * abs(numbers.next()) * Double(classCount))
      labels.append(label)
      costs.append(c * (row % 7 == 6 && row >= classCount ? 0 : 0.5 + abs(numbers.next())))
      for j in 0..<columns { elements.append(Float(means[label * columns + j] + numbers.next() + 0.5)) }
    }
    let features = MatrixView(rows: rows, columns: columns, elements: elements)
    let scaler = FeatureScaler(
      offset: (0..<columns).map { 0.1 * Double($0 % 3) },
      scale: (0..<columns).map { 1 + 0.2 * Double($0 % 4) })
    let design = DesignMatrix(features: features, scaler: scaler)
    return LinearProblem(
      design: design, labels: labels, costs: costs, loss: loss, intercept: intercept, product: product,
      gram: withGram ? GramMatrix(design) : nil)
  }
}

func norm(_ a: [Double]) -> Double { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }
func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
func inner(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
