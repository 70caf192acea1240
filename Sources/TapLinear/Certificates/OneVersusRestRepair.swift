// The repair of dual points of one-versus-rest losses. Each output has two sides: the rows with sign +1 and the rows
// with sign -1. The weight of a side is the sum of its dual variables. A free intercept requires that both sides of an
// output have equal weights.

/// The factors that multiply the dual variables of the two sides of each output. The factor is 1 for the side with less
/// weight, and below 1 for the side with more weight.
package struct OneVersusRestRepair: Sendable {
  let positive: [Double]
  let negative: [Double]

  /// - Parameter totals: the weights of the positive sides of all outputs, then the weights of the negative sides. The
  ///   initializer returns nil if both sides of every output have equal weights.
  init?(totals: [Double]) {
    let outputs = totals.count / 2
    var positive = [Double](repeating: 1, count: outputs)
    var negative = positive
    for c in 0..<outputs {
      let (plus, minus) = (totals[c], totals[outputs + c])
      if plus > minus { positive[c] = minus / plus }
      if minus > plus { negative[c] = plus / minus }
    }
    if positive.allSatisfy({ $0 == 1 }) && negative.allSatisfy({ $0 == 1 }) { return nil }
    self.positive = positive
    self.negative = negative
  }

  /// Adds a row's dual variables, cost times π, to the weights of their sides.
  static func addTotals(
    dual: Span<Double>, at offset: Int, outputs: Int, cost: Double, to totals: inout MutableSpan<Double>
  ) {
    for c in 0..<outputs {
      let value = dual[offset + c]
      if value > 0 { totals[c] += cost * value } else { totals[outputs + c] -= cost * value }
    }
  }

  func apply(to dual: inout MutableSpan<Double>, at offset: Int) {
    for c in positive.indices { dual[offset + c] *= dual[offset + c] > 0 ? positive[c] : negative[c] }
  }
}
