// The treatment of a linear model's intercept, and the two numbers that represent it in the objective.

/// How a linear model treats its intercept b.
public enum Intercept: Hashable, Sendable {
  /// The intercept is fitted without a penalty, as in scikit-learn's `LogisticRegression`. Multinomial intercepts sum
  /// to 0.
  case free
  /// The intercept is fitted as the weight of an appended feature of value `scale`, and is penalized like other
  /// weights. LIBLINEAR (`-B scale`) does the same. `scale` is finite and above 0.
  case penalized(scale: Double)
  /// There is no intercept: b = 0.
  case none
}

extension Intercept {
  /// The value of the appended feature. b is `featureValue` times the weight of this feature.
  package var featureValue: Double {
    switch self {
    case .free: 1
    case .penalized(let scale): scale
    case .none: 0
    }
  }

  /// The factor of ½ w² in the objective, for the weight w of the appended feature. The factor is 1 for `none`, so that
  /// w stays 0.
  package var penalty: Double {
    switch self {
    case .free: 0
    case .penalized, .none: 1
    }
  }
}
