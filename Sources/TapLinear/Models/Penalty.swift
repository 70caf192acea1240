// The penalty of the weights, and the two coefficients that solvers use.

/// The penalty R(W) of a linear model, as in scikit-learn. The objective is C Σ sᵢ ℓᵢ + R(W). A free intercept is not
/// penalized. A penalized intercept counts as a weight.
public enum Penalty: Hashable, Sendable {
  /// The penalty ½ ‖W‖².
  case l2
  /// The penalty ‖W‖₁ = Σ |w|. It makes many weights exactly 0.
  case l1
  /// The penalty (1 - ρ)/2 ‖W‖² + ρ ‖W‖₁, with the ratio ρ in 0...1.
  case elasticNet(l1Ratio: Double)
  /// The penalty 0. The fit maximizes the likelihood. There is no solution if the classes are separable.
  case none

  /// The coefficient of ½ w² in R(W).
  package var quadratic: Double {
    switch self {
    case .l2: 1
    case .elasticNet(let ratio): 1 - ratio
    case .l1, .none: 0
    }
  }

  /// The coefficient of |w| in R(W).
  package var absolute: Double {
    switch self {
    case .l1: 1
    case .elasticNet(let ratio): ratio
    case .l2, .none: 0
    }
  }

  /// The name of the penalty: `l2`, `l1`, `elastic-net` or `none`.
  public var name: String {
    switch self {
    case .l2: "l2"
    case .l1: "l1"
    case .elasticNet: "elastic-net"
    case .none: "none"
    }
  }
}

extension Penalty {
  func checkRatio() throws(LinearModelError) {
    if case .elasticNet(let ratio) = self, !(0...1).contains(ratio) { throw .l1Ratio(ratio) }
  }

  /// The penalty of a weight.
  @inline(__always)
  func value(_ weight: Double) -> Double { 0.5 * quadratic * weight * weight + absolute * abs(weight) }

  /// R(new) - R(old), computed without the rounding errors of R(new) and R(old).
  @inline(__always)
  func change(from old: Double, to new: Double) -> Double {
    0.5 * quadratic * (new - old) * (new + old) + absolute * (abs(new) - abs(old))
  }

  /// The number R(w) + R*(v) - w v ≥ 0 for a weight w, its dual value v and the convex conjugate R* of R. It is
  /// computed as a sum of nonnegative terms.
  ///
  /// The result is (1 - ρ)/2 (w - u)² + ρ |w| - clip(v, ±ρ) w. Here u = S(v, ρ) / (1 - ρ), and S is the soft threshold.
  /// Without a quadratic part, R*(v) is infinite for |v| > ρ, so |v| must be at most ρ.
  @inline(__always)
  func divergence(_ weight: Double, dual: Double) -> Double {
    let clipped = min(absolute, max(-absolute, dual))
    let difference = quadratic > 0 ? weight - (dual - clipped) / quadratic : 0
    return 0.5 * quadratic * difference * difference + max(0, absolute * abs(weight) - clipped * weight)
  }

  /// The element nearest 0 in the subdifferential of g w + R(w). It is 0 if the weight is optimal.
  @inline(__always)
  func subgradient(_ weight: Double, slope: Double) -> Double {
    if weight > 0 { return slope + quadratic * weight + absolute }
    if weight < 0 { return slope + quadratic * weight - absolute }
    return slope > absolute ? slope - absolute : slope < -absolute ? slope + absolute : 0
  }
}
