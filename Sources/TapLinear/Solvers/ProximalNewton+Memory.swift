// The memory that a fit with an L1 or elastic net penalty takes for the matrices of its steps.

extension ProximalNewton {
  /// An estimate of the largest number of bytes for the model of a step. The memory holds:
  /// ```
  /// while Hessians are summed up     their tiles, in two parts and together, and two blocks of rows
  /// while the model is minimized     tiles, the same as matrices, a factor of each, and an updated factor a thread
  /// ```
  /// There are tiles for all pairs of outputs if the outputs are coupled and few. Otherwise there is one tile for each
  /// output.
  ///
  /// - Parameter areCoupled: whether the loss couples the outputs, as a softmax does.
  package static func bytes(
    rows: Int, columns: Int, outputs: Int, areCoupled: Bool, penalty: Penalty, threads: Int
  ) -> Double {
    typealias Objective = PenalizedObjective<SoftmaxLoss>
    guard penalty.absolute > 0 else { return 0 }
    let set = Objective.largestWorkingSet(rows: rows, columns: columns, penalty: penalty) + 1
    let limits = ProximalNewton(tolerance: 0, maximumIterations: 0)
    let joint = max(limits.largestJointOrder, limits.largestHardOrder)
    func block(pairs: Int) -> Double {
      let count = Double(min(Objective.blockRows(pairs: pairs), (rows + 1) / 2))
      return 16 * count * Double(columns + pairs + (outputs + 1) * set)
    }
    func peak(tiles: Double, models: Double, orders: [(order: Int, count: Int)], pairs: Int, beside: Int)
      -> Double
    {
      var (factors, work) = (0.0, 0.0)
      for (order, count) in orders {
        let support = Double(min(order, PenalizedQuadratic.largestSystem))
        let room = min(Double(order), support + 128)
        factors += Double(count) * 4 * support * support
        // The updated factor, its initial content, and the Cholesky factor from which this content is copied.
        work += Double(min(beside, count)) * (8 * room * room + 12 * support * support)
      }
      return max(24 * tiles + block(pairs: pairs), 8 * tiles + 8 * models + factors + work)
    }
    // The case of one matrix for each output.
    let each = Double(outputs) * Double(set) * Double(set)
    let apart = peak(tiles: each, models: each, orders: [(set, outputs)], pairs: outputs, beside: threads)
    guard areCoupled, outputs > 1 else { return apart }
    // One matrix of all outputs, with the maximum number of weights for such a matrix.
    let order = min(joint, outputs * set)
    let square = Double(order) * Double(order)
    let together = peak(
      tiles: 0.5 * square * (1 + 1 / Double(outputs)), models: square, orders: [(order, 1)],
      pairs: outputs <= joint ? outputs * (outputs + 1) / 2 : 0, beside: 1)
    return outputs * set > limits.largestJointOrder ? max(apart, together) : together
  }
}
