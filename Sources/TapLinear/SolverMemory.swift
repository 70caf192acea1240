// The memory of solvers. With this estimate, a training that would run out of memory is refused before its start.

import TapTensors

/// Upper estimates of the memory of the solvers for a problem of one shape. These estimates follow the rules by which
/// the solvers choose their methods.
package struct SolverMemory {
  private let rows: Int
  private let columns: Int
  private let outputs: Int
  private let kind: ClassifierKind
  private let penalty: Penalty
  /// Whether the outputs of the loss depend on each other: true for a softmax and for Crammer and Singer's loss.
  private let areCoupled: Bool
  private let loss: HingeLoss?
  private let solver: LogisticSolver

  package init(rows: Int, classes: Int, columns: Int, model: LinearModel) {
    self.rows = rows
    self.columns = columns
    kind = model.kind
    switch model {
    case .logistic(let model):
      (penalty, solver, loss) = (model.penalty, model.solver, nil)
      areCoupled = classes > 2 && model.multiClass == .multinomial
    case .svm(let model):
      (penalty, solver, loss) = (model.penalty, .automatic, model.loss)
      areCoupled = model.loss == .crammerSinger
    case .nearestMean:
      (penalty, solver, loss, areCoupled) = (.none, .automatic, nil, true)
    }
    outputs = classes == 2 && !areCoupled ? 1 : classes
  }

  private var isRidge: Bool { penalty == .l2 && kind.isRegularized }
  private var n: Double { Double(rows) }
  private var d: Double { Double(columns) }
  private var k: Double { Double(outputs) }
  private var isBlocked: Bool { isRidge && kind == .logistic && areCoupled && rows > columns }
  private var hasMoments: Bool {
    isRidge && columns <= ColumnMoments.largestCount
      && (rows >= 3 * columns || kind == .logistic && areCoupled && outputs >= LeadingRows.fewestClasses)
  }

  /// The maximum number of rows of a part (a training subset of a split) that has up to `limit` rows; 0 if every part
  /// has more rows.
  private func rows(upTo limit: Int) -> Double { limit < rows / 2 ? 0 : Double(min(rows, limit)) }

  /// The memory of one fit while the fit runs.
  package func fitBytes(threads: Int) -> Double {
    guard kind.isRegularized else { return k * (32 * n + 96 * d) }
    let t = Double(threads)
    // The bytes for one row and one output: the score, its change along a search direction, the state of the loss, the
    // dual variable, and the curvature for blocks of classes.
    let perRow: Double = kind == .svm ? 100 : !isRidge ? 48 : areCoupled ? 40 : 80
    var bytes = k * (perRow * n + 96 * d)
    let pieces = LinearObjective<SoftmaxLoss>.pieces(rows: rows, parameters: outputs * (columns + 1))
    bytes += k * (d + 1) * (20 * Double(pieces) + 16 * min(t, Double(pieces)))
    if isBlocked {
      let blocks = ClassBlocks.bytes(columns: columns, classCount: outputs)
      // The old blocks stay in memory while groups of classes build the new blocks.
      if blocks > 0 {
        bytes += blocks + min(t, 8) * (4 * ((k + 7) / 8).rounded(.down) + 24) * (d + 1) * (d + 1)
      }
    }
    if hasMoments { bytes += 12 * t * d * d }
    if isRidge, !areCoupled {
      let order = max(
        d * d <= 480 * n ? d + 1 : 0, Double(min(rows, columns, GramMatrix.largestCount)))
      bytes += 12 * min(t, k) * order * order
    }
    if loss == .crammerSinger, isRidge {
      bytes += CoupledHessian.bytes(rows: rows, columns: columns, classCount: outputs)
    }
    if solver == .lbfgs {
      bytes += 160 * k * d
      bytes += BlockPreconditioner.bytes(
        rows: rows, columns: columns, outputs: outputs, areCoupled: areCoupled)
    }
    return bytes
      + ProximalNewton.bytes(
        rows: rows, columns: columns, outputs: outputs, areCoupled: areCoupled, penalty: penalty,
        threads: threads)
  }

  /// The memory that a part (a training subset of a split) keeps until its fit for the last C ends.
  package var partBytes: Double {
    var bytes = 48 * k * d + 64 * n
    guard kind.isRegularized else { return bytes }
    bytes += 4 * d * rows(upTo: ConditionedColumns.largestCount / max(1, columns))
    if outputs >= ScaledRows.fewestOutputs {
      bytes += 4 * d * rows(upTo: ScaledRows.largestCount / max(1, columns))
    }
    guard isRidge else { return bytes }
    let spanned = rows(upTo: min(GramMatrix.largestCount, columns / 2))
    // A hinge loss has curvature in few rows, and a logistic loss has curvature in all rows.
    let curved = min(GramMatrix.largestCount, kind == .svm ? rows : columns)
    let few = areCoupled ? 0 : rows(upTo: curved)
    bytes += max(24 * spanned * spanned, 12 * few * few)
    if hasMoments { bytes += 4 * d * d + ColumnMoments.inverseBytes(columns: columns) }
    if isBlocked { bytes += ClassBlocks.bytes(columns: columns, classCount: outputs) }
    if let loss {
      if loss != .squaredHinge { bytes += 8 * k * n }
      if loss != .crammerSinger {
        bytes += OutputHessians.bytes(rows: rows, columns: columns, outputs: outputs)
      }
    }
    return bytes
  }
}
