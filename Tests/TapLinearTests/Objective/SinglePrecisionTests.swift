// Compares Newton steps that begin in single precision with the same steps in double precision.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct SinglePrecisionTests {
  /// Data on which single precision is at its worst.
  enum Data: CaseIterable {
    case overlapping, separable, farFromZero, unequalScales, equalRows, rareClasses
  }

  /// 1,500 rows of 100 columns and 80 classes. A pass over them is large enough for single precision.
  private static func rows(_ data: Data) -> (features: MatrixView, labels: [Int]) {
    let (rows, columns, classCount) = (1500, 100, 80)
    var numbers = Numbers(seed: 21)
    let centers = numbers.array(classCount * columns, scale: data == .separable ? 3 : 0.6)
    var elements: [Float] = []
    let labels = (0..<rows).map { data == .rareClasses && $0 >= classCount ? $0 % 5 : $0 % classCount }
    for (row, label) in labels.enumerated() {
      if data == .equalRows && row % 3 == 2 {
        elements += elements[((row - 1) * columns)...]
        continue
      }
      let noise = numbers.array(columns)
      for j in 0..<columns {
        var value = centers[label * columns + j] + noise[j]
        if data == .farFromZero { value += 80 }
        if data == .unequalScales { value *= [1e-4, 1, 1e4][j % 3] }
        elements.append(Float(value))
      }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  @Test(arguments: Data.allCases, [1e-5, 0.1, 1e3]) func theMinimumIsTheSame(data: Data, c: Double) throws {
    let (features, labels) = Self.rows(data)
    let classCount = 80
    let estimator = LogisticRegression(
      c: c, standardization: data == .unequalScales ? .standardDeviation : .none)
    let prepared = try estimator.prepare(features, labels: labels, classCount: classCount)
    let problem = prepared.problem(
      SoftmaxLoss(classCount: classCount), c: c, intercept: .free, product: .openBLAS)
    #expect(problem.design.count * problem.weightCount >= LinearObjective<SoftmaxLoss>.leastRoughPass)
    let newton = TruncatedNewton(tolerance: 1e-9, maximumIterations: 200)
    // A fit that continues an earlier one does not begin in single precision.
    let solutions = [0, 1].map { iterations in
      var objective = LinearObjective(problem, threads: 2)
      objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
      return newton.minimize(&objective, iterations: iterations)
    }
    for solution in solutions {
      #expect(solution.stopReason == .converged)
      // A new objective gives the same value at the solution, so the certificate holds for it.
      var elsewhere = LinearObjective(problem)
      elsewhere.start(at: solution.parameters)
      #expect(abs(elsewhere.value - solution.last.value) <= 1e-12 * elsewhere.value)
    }
    #expect(abs(solutions[0].last.value - solutions[1].last.value) <= 1e-9 * solutions[1].last.value)
    #expect(solutions[0].hessianProducts <= 2 * solutions[1].hessianProducts + 20)
  }
}
