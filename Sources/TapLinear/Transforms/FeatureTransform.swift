// The settings of the transform of rows before their columns are scaled.

/// The principal components to keep.
public struct PrincipalComponents: Hashable, Sendable {
  /// The number of components to keep.
  public enum Count: Hashable, Sendable {
    /// This many, at least 1; fewer if the training rows span fewer dimensions.
    case components(Int)
    /// The fewest that explain more than this share of the variance, above 0 and below 1.
    case variance(Double)
  }

  /// The number of components to keep.
  public var count: Count
  /// Whether each component is divided by its standard deviation (with n - 1 in the denominator, as in scikit-learn).
  public var whitens: Bool

  /// Components, not whitened by default.
  public init(_ count: Count, whitens: Bool = false) {
    self.count = count
    self.whitens = whitens
  }
}

/// The transform of features before they are scaled: rows are normalized first, then projected.
///
/// ```
/// x̂ = x / ‖x‖₂  (a row of zeros stays),      x̃ = A (x̂ - m)
/// ```
/// with m the mean and A `[components, d]` the principal axes of the training rows; each fold has its own. A projection
/// is linear and becomes part of a fitted model's weights; a normalization is not, and the model stores it.
public struct FeatureTransform: Hashable, Sendable {
  /// Whether each row is divided by its Euclidean norm.
  public var normalizesRows: Bool
  /// Nil for no projection.
  public var components: PrincipalComponents?

  /// No transform by default.
  public init(normalizesRows: Bool = false, components: PrincipalComponents? = nil) {
    self.normalizesRows = normalizesRows
    self.components = components
  }

  /// Rows stay unchanged.
  public static let none = FeatureTransform()
}

/// A summary of the principal components that a model was fitted in.
public struct ProjectionSummary: Hashable, Sendable {
  /// The variance of each component as a share of the whole, in decreasing order.
  public let explainedVarianceRatios: [Double]
  /// Whether they were divided by their standard deviations.
  public let whitens: Bool

  /// - Precondition: at least one component.
  public init(explainedVarianceRatios: [Double], whitens: Bool) {
    precondition(!explainedVarianceRatios.isEmpty, "no components")
    self.explainedVarianceRatios = explainedVarianceRatios
    self.whitens = whitens
  }

  /// The number of components.
  public var count: Int { explainedVarianceRatios.count }
  /// The share of the variance that all of them explain.
  public var explained: Double { explainedVarianceRatios.reduce(0, +) }
}

extension Standardization {
  /// The rule that ``automatic`` stands for after a transform: ``none`` after a projection. Components are centered
  /// already, and only ``PrincipalComponents/whitens`` gives them all the standard deviation 1.
  public func resolved(after transform: FeatureTransform) -> Standardization {
    self == .automatic && transform.components != nil ? .none : resolved
  }
}
