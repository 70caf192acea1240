// SVMs of few columns: exact Newton steps, from matrices kept along a path of C.

import TapKernels
import TapLinear
import TapTensors
import Testing

@Suite struct NarrowSVMTests {
  /// Inseparable rows of many classes in few columns, as in shallow layers.
  private func shallow(
    rows: Int, columns: Int, classCount: Int, noise: Double = 1
  ) -> (features: MatrixView, labels: [Int]) {
    var numbers = Numbers(seed: 5)
    let means = numbers.array(classCount * columns)
    let labels = (0..<rows).map { $0 % classCount }
    let elements = (0..<rows * columns).map { index in
      let (row, j) = (index / columns, index % columns)
      // Columns of one factor, whose scales differ.
      let scale = 1 + 30 * Double(j * j) / Double(columns * columns)
      return Float(scale * (means[labels[row] * columns + j] + noise * (numbers.next() + numbers.next())))
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  private static let path = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000, 10_000]

  /// Fits along the path, each from the last.
  private func fits(
    _ model: LinearSVM, _ features: MatrixView, _ labels: [Int], classCount: Int
  ) throws -> [FittedLinearModel] {
    var model = model
    let data = try model.prepare(features, labels: labels, classCount: classCount)
    var fits: [FittedLinearModel] = []
    for c in Self.path {
      model.c = c
      fits.append(try model.fit(data, start: fits.last.map { FitStart($0) }))
    }
    return fits
  }

  /// For ten values of C at most ten steps each, and hardly more equations solved.
  @Test(arguments: [(600, 16, 40), (900, 80, 10)])
  func aPathTakesFewSteps(rows: Int, columns: Int, classCount: Int) throws {
    let (features, labels) = shallow(rows: rows, columns: columns, classCount: classCount)
    let fits = try fits(
      LinearSVM(tolerance: 1e-7, threads: 2), features, labels, classCount: classCount)
    #expect(fits.allSatisfy { $0.converged && $0.solver == .truncatedNewton })
    #expect(fits.reduce(0) { $0 + $1.iterations } <= 10 * fits.count)
    // While matrices are not worth their cost, some products.
    #expect(fits.reduce(0) { $0 + $1.hessianProducts } <= 15 * fits.count)
  }

  /// The hinge, and Crammer and Singer's loss: after descent, steps are exact and begin with the last multipliers.
  @Test(arguments: [(HingeLoss.hinge, 20, 10, 700), (.crammerSinger, 30, 6, 1_500)])
  func aPiecewiseLinearPathTakesFewSteps(loss: HingeLoss, columns: Int, classCount: Int, most: Int) throws {
    let (features, labels) = shallow(rows: 500, columns: columns, classCount: classCount, noise: 2)
    let fits = try fits(
      LinearSVM(loss: loss, tolerance: 1e-7), features, labels, classCount: classCount)
    let steps = fits.reduce(0) { $0 + $1.hessianProducts }
    #expect(fits.allSatisfy(\.converged) && steps <= most, "\(steps)")
    #expect(fits.count { $0.solver == .augmentedLagrangian } >= 4)
  }

  /// The hard case for kept multipliers: C up and down, another loss of the same data between, and every intercept.
  @Test(arguments: [Intercept.free, .penalized(scale: 1), .none])
  func keptMultipliersSpoilNothing(intercept: Intercept) throws {
    let (features, labels) = shallow(rows: 150, columns: 10, classCount: 4, noise: 2)
    var model = LinearSVM(intercept: intercept, tolerance: 1e-8)
    let data = try model.prepare(features, labels: labels, classCount: 4)
    var last: [HingeLoss: FittedLinearModel] = [:]
    for c in [1e-4, 1, 100, 10_000, 0.01, 1000, 1, 1e-5, 10_000] {
      for loss in [HingeLoss.hinge, .crammerSinger, .squaredHinge] {
        (model.c, model.loss) = (c, loss)
        let kept = try model.fit(data, start: last[loss].map { FitStart($0) })
        let fresh = try model.fit(features, labels: labels, classCount: 4)
        #expect(kept.converged && fresh.converged, "\(loss), \(c)")
        #expect(abs(kept.objective - fresh.objective) <= 3e-8 * fresh.objective, "\(loss), \(c)")
        last[loss] = kept
      }
    }
  }

  /// The hard case for kept matrices: C up and down, so that most rows gain and lose curvature again and again, columns
  /// that nearly depend on each other, rows of weight 0 and of 1,000, and equal rows. Each fit is as good as a new one.
  @Test func keptMatricesSpoilNothing() throws {
    let (first, labels) = shallow(rows: 300, columns: 20, classCount: 4, noise: 2)
    var elements: [Float] = []
    for row in labels.indices {
      first.withRow(row % 280) { values in
        for j in 0..<20 { elements.append(values[j]) }
        elements.append(values[0] + 1e-3 * values[1])
        elements.append(values[0] - 1e-3 * values[2])
      }
    }
    let features = MatrixView(rows: 300, columns: 22, elements: elements)
    let weights = labels.indices.map { $0 % 11 == 0 ? 0 : $0 % 17 == 0 ? 1000 : 1 + 0.1 * Double($0 % 5) }
    var model = LinearSVM(tolerance: 1e-9)
    let data = try model.prepare(features, labels: labels, classCount: 4, sampleWeights: weights)
    var last: FittedLinearModel?
    for c in Self.path + Self.path.reversed() + [1e4, 1e-5, 1e4, 1, 1e-5] {
      model.c = c
      let kept = try model.fit(data, start: last.map { FitStart($0) })
      let fresh = try model.fit(
        try model.prepare(features, labels: labels, classCount: 4, sampleWeights: weights))
      #expect(kept.converged && fresh.converged, "\(c)")
      #expect(abs(kept.objective - fresh.objective) <= 3e-9 * fresh.objective, "\(c)")
      last = kept
    }
  }

  /// A small C gives little curvature: Newton steps from 0 take few products, though columns are many.
  @Test func aSmallCGoesToNewtonStepsAtOnce() throws {
    let (features, labels) = shallow(rows: 200, columns: 300, classCount: 5)
    let fitted = try LinearSVM(c: 1e-5, tolerance: 1e-7).fit(features, labels: labels, classCount: 5)
    #expect(fitted.converged && fitted.solver == .truncatedNewton && fitted.hessianProducts <= 30)
  }
}
