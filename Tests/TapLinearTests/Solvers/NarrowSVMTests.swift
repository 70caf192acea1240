// SVMs of few columns take exact Newton steps, with matrices that are kept along a path of C.

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
      // The columns differ in scale.
      let scale = 1 + 30 * Double(j * j) / Double(columns * columns)
      return Float(scale * (means[labels[row] * columns + j] + noise * (numbers.next() + numbers.next())))
    }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  private static let path = [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000, 10_000]

  /// The fits along a path of C. Each fit starts at the last one.
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

  /// A path of ten values of C takes at most ten steps a value, and hardly more solutions of equations.
  @Test(arguments: [(600, 16, 40), (900, 80, 10)])
  func aPathTakesFewSteps(rows: Int, columns: Int, classCount: Int) throws {
    let (features, labels) = shallow(rows: rows, columns: columns, classCount: classCount)
    let fits = try fits(
      LinearSVM(tolerance: 1e-7, threads: 2), features, labels, classCount: classCount)
    #expect(fits.allSatisfy { $0.converged && $0.solver == .truncatedNewton })
    #expect(fits.reduce(0) { $0 + $1.iterations } <= 10 * fits.count)
    // As long as matrices are not worth their cost, steps take some Hessian products.
    #expect(fits.reduce(0) { $0 + $1.hessianProducts } <= 15 * fits.count)
  }

  /// For the hinge and for Crammer and Singer's loss, the steps after dual descent are exact. They begin with the last
  /// multipliers.
  @Test(arguments: [(HingeLoss.hinge, 20, 10, 700), (.crammerSinger, 30, 6, 1_500)])
  func aPiecewiseLinearPathTakesFewSteps(loss: HingeLoss, columns: Int, classCount: Int, most: Int) throws {
    let (features, labels) = shallow(rows: 500, columns: columns, classCount: classCount, noise: 2)
    let fits = try fits(
      LinearSVM(loss: loss, tolerance: 1e-7), features, labels, classCount: classCount)
    let steps = fits.reduce(0) { $0 + $1.hessianProducts }
    #expect(fits.allSatisfy(\.converged) && steps <= most, "\(steps)")
    #expect(fits.count { $0.solver == .augmentedLagrangian } >= 4)
  }

  /// Hard cases for kept multipliers: C goes up and down, fits with another loss of the same data come between, and the
  /// intercept is of any kind.
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

  /// Tests hard cases for kept matrices. C rises and falls, so most rows enter and leave the margin again and again.
  /// Only rows within the margin contribute to the Hessian. Columns nearly depend on each other, rows have weight 0 or
  /// 1,000, and some rows are equal. Each fit is as good as a new one.
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

  /// A small C gives little curvature, so Newton steps from 0 take few Hessian products, though there are many columns.
  @Test func aSmallCGoesToNewtonStepsAtOnce() throws {
    let (features, labels) = shallow(rows: 200, columns: 300, classCount: 5)
    let fitted = try LinearSVM(c: 1e-5, tolerance: 1e-7).fit(features, labels: labels, classCount: 5)
    #expect(fitted.converged && fitted.solver == .truncatedNewton && fitted.hessianProducts <= 30)
  }
}
