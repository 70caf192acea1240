// The treatment of a linear model's intercept, and the two numbers that represent it in the objective.

/// How a linear model treats its intercept b.
public enum Intercept: Hashable, Sendable {
  /// Fitted without a penalty, as scikit-learn's `LogisticRegression` does. Multinomial intercepts sum to 0.
  case free
  /// Fitted as the weight of an appended feature of value `scale` and penalized with the weights, as LIBLINEAR
  /// (`-B scale`) does. `scale` is finite and above 0.
  case penalized(scale: Double)
  /// b = 0.
  case none
}

extension Intercept {
  /// The value of the appended feature: b is `featureValue` times its weight.
  package var featureValue: Double {
    switch self {
    case .free: 1
    case .penalized(let scale): scale
    case .none: 0
    }
  }

  /// The factor of half the squared weight of the appended feature: 1 for `none`, which keeps that weight at 0.
  package var penalty: Double {
    switch self {
    case .free: 0
    case .penalized, .none: 1
    }
  }
}
