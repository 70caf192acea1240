// The quadratic model of a step: the Hessian of the loss for the parameters of a working set.

import Synchronization
import TapKernels

/// The parameters that a step may change.
struct WorkingSet {
  /// For each output, the columns whose weights may change, ascending. The appended feature is not among these columns.
  let columns: [[Int]]
  /// Whether the appended feature moves too.
  let hasAppended: Bool

  /// The indices of an output's parameters, in the order in which a model holds these parameters.
  func members(_ output: Int, columns d: Int) -> [Int] {
    columns[output].map { output * d + $0 } + (hasAppended ? [self.columns.count * d + output] : [])
  }

  func order(_ output: Int) -> Int { columns[output].count + (hasAppended ? 1 : 0) }
}

/// The Hessian of the loss in tiles, one for each pair of outputs. The tile of outputs a ≤ b is `[order(a), order(b)]`.
struct HessianTiles {
  var pairs: [(Int, Int)]
  var tiles: [[Double]]
}

extension PenalizedObjective {
  /// The maximum number of second derivatives of a block of rows (32 MB).
  private static var largestBlock: Int { 1 << 22 }
  /// The number of rows of a block.
  static func blockRows(pairs: Int) -> Int { max(1, min(256, largestBlock / max(1, pairs))) }
  /// The number of partial sums. This number is a constant, so that the result does not depend on the number of
  /// threads.
  private static var pieces: Int { 2 }

  /// The maximum number of weights of an output in a step. Under L1 an optimum needs at most as many weights as there
  /// are rows. The limit is about twice that number, because intermediate steps may need more weights. An elastic net
  /// may need all weights.
  package static func largestWorkingSet(rows: Int, columns: Int, penalty: Penalty) -> Int {
    min(columns, max(2 * rows + 200, penalty.quadratic > 0 ? 4096 : 0))
  }

  /// The weights that are not 0, and some zero weights that a step would change. For each output, these are the zero
  /// weights with the largest gradients. Their number is at most 100, or half the number of the output's nonzero
  /// weights if this half is larger. Fewer zero weights would make the first steps too small. The set of an output has
  /// at most ``largestWorkingSet(rows:columns:penalty:)`` weights. If more weights qualify, the weights with the
  /// largest subgradients are taken.
  func workingSet(_ gradient: [Double]) -> WorkingSet {
    let (k, d) = (problem.outputs, problem.columns)
    let limit = Self.largestWorkingSet(rows: problem.design.count, columns: d, penalty: penalty)
    let columns = (0..<k).map { output in
      let used = (0..<d).filter { parameters[output * d + $0] != 0 }
      // A weight whose gradient is slightly below the threshold may cross the threshold within the step.
      let others = (0..<d).filter {
        parameters[output * d + $0] == 0 && abs(gradient[output * d + $0]) > 0.9 * penalty.absolute
      }
      let eager = others.sorted {
        (abs(gradient[output * d + $0]), $1) > (abs(gradient[output * d + $1]), $0)
      }
      let members = used + eager.prefix(max(100, used.count / 2))
      guard members.count > limit else { return members.sorted() }
      let violations = members.map { j in
        (j, abs(penalty.subgradient(parameters[output * d + j], slope: gradient[output * d + j])))
      }
      return violations.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.prefix(limit).map(\.0).sorted()
    }
    return WorkingSet(columns: columns, hasAppended: problem.intercept.featureValue != 0)
  }

  /// The tiles of the loss's Hessian for some pairs of outputs. The sums have the precision of an element type, and
  /// take one block of rows at a time.
  func hessianTiles<T: DesignElement>(
    _ set: WorkingSet, pairs: [(Int, Int)], in precision: T.Type
  ) -> HessianTiles {
    let problem = problem
    let (k, d, count) = (problem.outputs, problem.columns, problem.design.count)
    let states = base.shards.flatMap(\.state)
    let sums = Mutex<[Int: [[T]]]>([:])
    let feature = T(problem.intercept.featureValue)
    let blockRows = Self.blockRows(pairs: pairs.count)
    Threads.concurrentForEach(count: Self.pieces, threads: base.threads) { piece in
      let range = (count * piece / Self.pieces)..<(count * (piece + 1) / Self.pieces)
      var tiles = pairs.map { [T](repeating: 0, count: set.order($0.0) * set.order($0.1)) }
      var block = [T](repeating: 0, count: blockRows * d)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
        let rows = start..<min(start + blockRows, range.upperBound)
        var span = block.mutableSpan
        T.fill(&span, from: problem.design, rows: rows)
        let curvatures = Self.curvatures(problem, states, rows, pairs)
        let parts = (0..<k).map { output in
          Self.gather(block, set.columns[output], rows.count, d, appended: set.hasAppended ? feature : nil)
        }
        for (index, (a, b)) in pairs.enumerated() {
          let (left, right) = (set.order(a), set.order(b))
          guard left > 0 && right > 0 else { continue }
          var weighted = parts[b]
          for i in 0..<rows.count {
            let weight = T(curvatures[i * pairs.count + index])
            for j in (i * right)..<((i + 1) * right) { weighted[j] *= weight }
          }
          let other = parts[a]
          // Moving the array out of `tiles` avoids a copy.
          var tile: [T] = []
          swap(&tile, &tiles[index])
          var target = tile.mutableSpan
          T.multiply(
            problem.product, ProductShape(rows: left, columns: right, depth: rows.count), other.span,
            transposeA: true, weighted.span, transposeB: false, into: &target, adding: true)
          tiles[index] = tile
        }
      }
      let finished = tiles
      sums.withLock { $0[piece] = finished }
    }
    var total = pairs.map { [Double](repeating: 0, count: set.order($0.0) * set.order($0.1)) }
    sums.withLock { sums in
      for piece in 0..<Self.pieces {
        guard let part = sums[piece] else { continue }
        for index in total.indices {
          for i in total[index].indices { total[index][i] += Double(part[index][i]) }
        }
      }
    }
    return HessianTiles(pairs: pairs, tiles: total)
  }

  /// The second derivatives cost · d²ℓ/dz² of rows for pairs of outputs: `[rows, pairs]`.
  private static func curvatures(
    _ problem: LinearProblem<Loss>, _ states: [Double], _ rows: Range<Int>, _ pairs: [(Int, Int)]
  ) -> [Double] {
    let k = problem.outputs
    var result = [Double](repeating: 0, count: rows.count * pairs.count)
    var image = [Double](repeating: 0, count: k)
    for row in rows {
      let first = (row - rows.lowerBound) * pairs.count
      var last: Int?
      for (index, (a, b)) in pairs.enumerated() {
        if last != a {
          for c in 0..<k { image[c] = c == a ? 1 : 0 }
          var span = image.mutableSpan
          problem.loss.multiplyByHessian(
            state: states.span, at: row * k, scale: problem.costs[row], &span, at: 0)
          last = a
        }
        result[first + index] = image[b]
      }
    }
    return result
  }

  /// The chosen columns of a block, and the appended feature.
  private static func gather<T: DesignElement>(
    _ block: [T], _ columns: [Int], _ rows: Int, _ d: Int, appended: T?
  ) -> [T] {
    let width = columns.count + (appended == nil ? 0 : 1)
    var result = [T](repeating: appended ?? 0, count: rows * width)
    for i in 0..<rows {
      for (place, column) in columns.enumerated() { result[i * width + place] = block[i * d + column] }
    }
    return result
  }
}
