// L-BFGS on hard problems of few columns: matrices add the curvature that the pairs of L-BFGS lack.

import TapKernels
import TapLinear
import TapTensors
import Testing

@Suite struct LBFGSBlockTests {
  /// Rows of classes that overlap, in columns of very different scales.
  private func overlapping(rows: Int, columns: Int, classCount: Int) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: 9)
    let means = numbers.array(classCount * columns, scale: 0.5)
    let labels = (0..<rows).map { $0 % classCount }
    var elements: [Float] = []
    for label in labels {
      let common = numbers.next()
      for j in 0..<columns {
        elements.append(Float(means[label * columns + j] + 10 * common + numbers.next() / Double(1 + j)))
      }
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  /// Without matrices, L-BFGS takes thousands of iterations on 500 rows of 30 columns and six classes. The minimum
  /// equals the minimum that Newton's method finds.
  @Test(arguments: [(MultiClass.multinomial, 1e4), (.multinomial, 1), (.oneVersusRest, 1e4)])
  func hardProblemsTakeFewIterations(multiClass: MultiClass, c: Double) throws {
    let (features, labels) = overlapping(rows: 500, columns: 30, classCount: 6)
    let newton = LogisticRegression(c: c, multiClass: multiClass, tolerance: 1e-9)
    var lbfgs = newton
    lbfgs.solver = .lbfgs
    let expected = try newton.fit(features, labels: labels, classCount: 6)
    let fitted = try lbfgs.fit(features, labels: labels, classCount: 6)
    #expect(fitted.converged && fitted.solver == .lbfgs && fitted.iterations <= 200)
    #expect(abs(fitted.objective - expected.objective) <= 2e-9 * expected.objective)
  }

  /// On separable rows, probabilities go to 0 and 1 after the matrices were built, so the matrices become useless. The
  /// data also have equal rows, constant columns and a class of one row, and the intercept is free.
  @Test(arguments: [1.0, 1e4, 1e8]) func matricesOfThePastDoNoHarm(c: Double) throws {
    var (elements, labels): ([Float], [Int]) = ([], [])
    var numbers = Numbers(seed: 3)
    for row in 0..<120 {
      let label = row == 7 ? 3 : row % 3
      labels.append(label)
      for j in 0..<8 { elements.append(j == 7 ? 1 : Float((j == label ? 3 : 0) + numbers.next())) }
      if row >= 100 {
        elements.replaceSubrange((row * 8)..., with: elements[((row - 99) * 8)..<((row - 98) * 8)])
      }
    }
    let features = MatrixView(rows: 120, columns: 8, elements: elements)
    let newton = LogisticRegression(c: c, tolerance: 1e-8)
    var lbfgs = newton
    lbfgs.solver = .lbfgs
    let expected = try newton.fit(features, labels: labels, classCount: 4)
    let fitted = try lbfgs.fit(features, labels: labels, classCount: 4)
    #expect(expected.converged && fitted.converged)
    #expect(abs(fitted.objective - expected.objective) <= 2e-8 * expected.objective)
  }

  /// The number of threads changes no bit, with a matrix for each output or with one matrix for all outputs.
  @Test func threadsDoNotMatter() throws {
    let (features, labels) = overlapping(rows: 700, columns: 20, classCount: 4)
    let fits = try [1, 3].map { threads in
      try LogisticRegression(c: 1e3, solver: .lbfgs, threads: threads).fit(
        features, labels: labels, classCount: 4)
    }
    #expect(fits[0].weights == fits[1].weights && fits[0].bias == fits[1].bias)
    #expect(fits[0].iterations > 15, "\(fits[0].iterations)")
  }
}
