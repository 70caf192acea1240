// L1 and elastic net on nearly dependent columns, with weak penalties, on which coordinate descent is very slow.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct DependentColumnsTests {
  /// Rows of a few factors with a little noise. The classes differ in some of the factors.
  static func problem<Loss: PointwiseLoss>(
    _ loss: Loss, rows: Int, columns: Int, classCount: Int, factors: Int, noise: Double, c: Double,
    seed: UInt64 = 1
  ) -> LinearProblem<Loss> {
    var numbers = Numbers(seed: seed)
    let mixing = numbers.array(factors * columns)
    var elements: [Float] = []
    let labels = (0..<rows).map { $0 % classCount }
    for row in 0..<rows {
      var own = numbers.array(factors)
      if labels[row] < factors { own[labels[row]] += 0.5 }
      for j in 0..<columns {
        var value = noise * numbers.next()
        for f in 0..<factors { value += own[f] * mixing[f * columns + j] }
        elements.append(Float(value))
      }
    }
    let features = MatrixView(rows: rows, columns: columns, elements: elements)
    var (mean, square) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    for i in elements.indices { mean[i % columns] += Double(elements[i]) / Double(rows) }
    for i in elements.indices {
      let difference = Double(elements[i]) - mean[i % columns]
      square[i % columns] += difference * difference / Double(rows)
    }
    let design = DesignMatrix(
      features: features, scaler: FeatureScaler(offset: mean, scale: square.map { $0.squareRoot() }))
    return LinearProblem(
      design: design, labels: labels, costs: [Double](repeating: c, count: rows), loss: loss)
  }

  func minimize<Loss: CertifiableLoss>(
    _ problem: LinearProblem<Loss>, _ penalty: Penalty, jointOrder: Int = 800, tolerance: Double = 1e-9
  ) -> SolverResult {
    var objective = PenalizedObjective(problem, penalty: penalty)
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var newton = ProximalNewton(tolerance: tolerance, maximumIterations: 200)
    newton.largestJointOrder = jointOrder
    return newton.minimize(&objective)
  }

  /// The 27 columns are copies of one column, equal up to a thousandth. In an earlier version, no number of steps was
  /// enough.
  @Test func nearCopiesTakeFewSteps() {
    func check<Loss: CertifiableLoss>(_ loss: Loss, _ limit: Int) {
      let problem = Self.problem(
        loss, rows: 24, columns: 27, classCount: 2, factors: 1, noise: 1e-3, c: 1e4)
      for penalty in ProximalNewtonTests.penalties {
        let solution = minimize(problem, penalty)
        #expect(solution.stopReason == .converged, "\(Loss.self), \(penalty): \(solution.last)")
        #expect(solution.iterations <= limit, "\(Loss.self), \(penalty): \(solution.iterations) steps")
      }
    }
    check(LogisticLoss(classCount: 2), 40)
    check(SquaredHingeLoss(classCount: 2), 40)
  }

  /// The rows are few, the columns are many and have rank 10, and C can be large.
  @Test(arguments: [(c: 1.0, limit: 12), (c: 1e3, limit: 60)])
  func fewRowsTakeFewSteps(c: Double, limit: Int) {
    func check<Loss: CertifiableLoss>(_ loss: Loss) {
      let problem = Self.problem(
        loss, rows: 60, columns: 120, classCount: 4, factors: 10, noise: 0.01, c: c)
      for penalty in [Penalty.l1, .elasticNet(l1Ratio: 0.5)] {
        let solution = minimize(problem, penalty)
        #expect(solution.stopReason == .converged, "\(Loss.self), \(penalty): \(solution.last)")
        #expect(solution.iterations <= limit, "\(Loss.self), \(penalty): \(solution.iterations) steps")
      }
    }
    check(SoftmaxLoss(classCount: 4))
    check(LogisticLoss(classCount: 4))
    check(SquaredHingeLoss(classCount: 4))
  }

  /// After a step that took many Hessian products, the solver uses one matrix for all classes.
  @Test func hardStepsGetOneMatrix() {
    let problem = Self.problem(
      SoftmaxLoss(classCount: 5), rows: 300, columns: 30, classCount: 5, factors: 12, noise: 0.1, c: 100)
    let solution = minimize(problem, .l1, jointOrder: 20)
    let joint = minimize(problem, .l1)
    #expect(solution.stopReason == .converged && joint.stopReason == .converged)
    #expect(solution.hessianProducts <= 400, "\(solution.hessianProducts) products")
    #expect(abs(solution.last.value - joint.last.value) <= 2e-9 * joint.last.value)
  }

  /// Each fit along a path of C starts at the end of the last fit, until the classes are separable. In an earlier
  /// version, the path along corners took hundreds of steps there.
  @Test(arguments: [Penalty.l1, .elasticNet(l1Ratio: 0.9)], [Intercept.free, .penalized(scale: 1), .none])
  func aPathOfWeakPenaltiesTakesFewSteps(penalty: Penalty, intercept: Intercept) {
    var last: [Double]?
    for c in [1.0, 10, 100, 1e3, 1e4, 1e5] {
      let shape = ProblemShape(
        rows: 160, columns: 25, classCount: 5, c: c, intercept: intercept, separation: 0.3)
      let problem = shape.problem(seed: 11)
      var objective = PenalizedObjective(problem, penalty: penalty)
      objective.start(at: last ?? [Double](repeating: 0, count: objective.parameterCount))
      let solution = ProximalNewton(tolerance: 1e-8, maximumIterations: 300).minimize(&objective)
      #expect(solution.stopReason == .converged, "C \(c): \(solution.last)")
      #expect(solution.iterations <= 110, "C \(c): \(solution.iterations) steps")
      last = solution.parameters
      if c == 1e3 {
        let direct = minimize(problem, penalty, tolerance: 1e-8)
        #expect(direct.stopReason == .converged)
        #expect(abs(direct.last.value - solution.last.value) <= 2e-8 * direct.last.value)
      }
    }
  }

  // MARK: The model's minimum

  /// The matrix is B = FᵀF, where F has the given rank except for noise. If the rank is less than the order, B is
  /// nearly singular.
  static func quadratic(
    _ order: Int, rank: Int, noise: Double, _ penalty: Penalty, seed: UInt64, free: Int = 1
  ) -> (PenalizedQuadratic, gradient: [Double]) {
    var numbers = Numbers(seed: seed)
    let rows = 2 * order
    let left = numbers.array(rows * rank)
    let right = numbers.array(rank * order)
    var f = numbers.array(rows * order, scale: noise)
    for i in 0..<rows {
      for j in 0..<order {
        for r in 0..<rank { f[i * order + j] += left[i * rank + r] * right[r * order + j] }
      }
    }
    var matrix = [Double](repeating: 0, count: order * order)
    var gradient = [Double](repeating: 0, count: order)
    for i in 0..<rows {
      let target = 5 * numbers.next()
      for a in 0..<order {
        gradient[a] += target * f[i * order + a]
        for b in 0..<order { matrix[a * order + b] += f[i * order + a] * f[i * order + b] }
      }
    }
    for j in 0..<order { matrix[j * order + j] *= 1 + 1e-10 }
    let isFree = (0..<order).map { $0 >= order - free }
    return (
      PenalizedQuadratic(
        matrix: matrix, order: order, penalty: penalty, isFree: isFree, product: .openBLAS), gradient
    )
  }

  static func value(
    _ quadratic: PenalizedQuadratic, _ gradient: [Double], _ start: [Double], _ x: [Double]
  ) -> (value: Double, violation: Double) {
    let order = quadratic.order
    let change = zip(x, start).map { $0 - $1 }
    var (total, violation) = (0.0, 0.0)
    for i in 0..<order {
      var product = 0.0
      for j in 0..<order { product += quadratic.matrix[i * order + j] * change[j] }
      total += change[i] * (gradient[i] + 0.5 * product)
      var slope = gradient[i] + product
      if !quadratic.isFree[i] {
        let (square, kink) = (quadratic.penalty.quadratic, quadratic.penalty.absolute)
        total += 0.5 * square * x[i] * x[i] + kink * abs(x[i])
        slope += square * x[i] + (x[i] > 0 ? kink : x[i] < 0 ? -kink : -min(kink, max(-kink, slope)))
      }
      violation = max(violation, abs(slope))
    }
    return (total, violation)
  }

  @Test(arguments: ProximalNewtonTests.penalties, [(rank: 3, noise: 0.0), (rank: 6, noise: 1e-4), (40, 1)])
  func theEndOfThePathIsTheMinimum(penalty: Penalty, kind: (rank: Int, noise: Double)) {
    for seed in 1...4 as ClosedRange<UInt64> {
      let (quadratic, gradient) = Self.quadratic(
        40, rank: kind.rank, noise: kind.noise, penalty, seed: seed)
      var numbers = Numbers(seed: 100 + seed)
      var start = numbers.array(40)
      for j in stride(from: 0, to: 39, by: 3) { start[j] = 0 }
      let x = quadratic.minimize(from: start, gradient: gradient, tolerance: 1e-9, reduction: 0)
      #expect(Self.value(quadratic, gradient, start, x).violation <= 1e-8)
    }
  }

  /// The weights of equal columns leave 0 at the same moment. Those of a column and its negative never do.
  @Test(arguments: ProximalNewtonTests.penalties) func tiesDoNotTrapIt(penalty: Penalty) {
    let (half, slopes) = Self.quadratic(12, rank: 12, noise: 0, penalty, seed: 3, free: 0)
    var matrix = [Double](repeating: 0, count: 36 * 36)
    let signs = [1.0, 1, -1]
    for i in 0..<36 {
      for j in 0..<36 {
        matrix[i * 36 + j] = signs[i / 12] * signs[j / 12] * half.matrix[(i % 12) * 12 + j % 12]
      }
      matrix[i * 36 + i] *= 1 + 1e-10
    }
    let quadratic = PenalizedQuadratic(
      matrix: matrix, order: 36, penalty: penalty, isFree: [Bool](repeating: false, count: 36),
      product: .openBLAS)
    let gradient = (0..<36).map { signs[$0 / 12] * slopes[$0 % 12] }
    for start in [[Double](repeating: 0, count: 36), (0..<36).map { $0 % 2 == 0 ? 0.5 : -0.5 }] {
      let x = quadratic.minimize(from: start, gradient: gradient, tolerance: 1e-8, reduction: 0)
      #expect(Self.value(quadratic, gradient, start, x).violation <= 1e-7)
    }
  }

  /// The quadratic model decreases along the path up to every point where the path may stop.
  @Test(arguments: ProximalNewtonTests.penalties) func theModelFallsAlongThePath(penalty: Penalty) {
    let (quadratic, gradient) = Self.quadratic(40, rank: 6, noise: 1e-3, penalty, seed: 5)
    var numbers = Numbers(seed: 6)
    var start = numbers.array(40)
    for j in stride(from: 0, to: 39, by: 2) { start[j] = 0 }
    var last = Self.value(quadratic, gradient, start, start).value
    for bends in [1, 2, 5, 10, 20, 40, 80, 160] {
      var (x, slopes) = (start, gradient)
      quadratic.follow(&x, &slopes, from: start, gradient, bends: bends)
      let value = Self.value(quadratic, gradient, start, x).value
      #expect(value <= last + 1e-9 * abs(last), "after \(bends) bends")
      last = value
    }
  }

  /// Compares the factor, after coordinates were added and removed, with a new factor of the remaining coordinates.
  @Test func aFactorFollowsItsCoordinates() throws {
    let (quadratic, gradient) = Self.quadratic(30, rank: 30, noise: 0.1, .l1, seed: 8)
    var factor = try #require(SupportFactor(quadratic, Array(0..<20)))
    for j in [3, 0, 19, 7] { factor.remove(j) }
    for j in [25, 3, 29] { factor.insert(j) }
    for j in [25, 1] { factor.remove(j) }
    let members = factor.members.sorted()
    #expect(members == [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 29])
    var result = [Double](repeating: 1, count: 30)
    factor.solve(gradient, into: &result)
    for i in 0..<30 {
      guard members.contains(i) else {
        #expect(result[i] == 0)
        continue
      }
      var product = 0.0
      for j in 0..<30 { product += quadratic.matrix[i * 30 + j] * result[j] }
      #expect(abs(product - gradient[i]) <= 1e-9 * (1 + abs(gradient[i])))
    }
  }
}
