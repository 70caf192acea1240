// The settings of the transform of rows. The transform comes before the scaling of columns.

/// The settings of a projection to principal components.
public struct PrincipalComponents: Hashable, Sendable {
  /// How many components to keep.
  public enum Count: Hashable, Sendable {
    /// This number of components, at least 1. There are fewer components if the training rows span fewer dimensions.
    case components(Int)
    /// The smallest number of components that explain more than this share of the variance. The share is above 0 and
    /// below 1.
    case variance(Double)
  }

  /// How many components to keep.
  public var count: Count
  /// Whether each component is divided by its standard deviation (with n - 1 in the denominator, as in scikit-learn).
  public var whitens: Bool

  /// Creates the settings. Components are not whitened by default.
  public init(_ count: Count, whitens: Bool = false) {
    self.count = count
    self.whitens = whitens
  }
}

/// The transform of features before they are scaled. Rows are first normalized, then projected.
///
/// ```
/// x̂ = x / ‖x‖₂  (a row of zeros stays),      x̃ = A (x̂ - m)
/// ```
/// Here m is the mean and A `[components, d]` the principal axes of the training rows. Each fold has its own m and A. A
/// projection is linear and becomes part of a fitted model's weights. A normalization is not linear, so the model
/// stores this setting.
public struct FeatureTransform: Hashable, Sendable {
  /// Whether each row is divided by its Euclidean norm.
  public var normalizesRows: Bool
  /// The principal components to project to; nil means no projection.
  public var components: PrincipalComponents?

  /// Creates a transform. By default it changes nothing.
  public init(normalizesRows: Bool = false, components: PrincipalComponents? = nil) {
    self.normalizesRows = normalizesRows
    self.components = components
  }

  /// The transform that leaves rows unchanged.
  public static let none = FeatureTransform()
}

/// A summary of the principal components that a model was fitted on.
public struct ProjectionSummary: Hashable, Sendable {
  /// The variance of each component, as a share of the total variance, in decreasing order.
  public let explainedVarianceRatios: [Double]
  /// Whether the components were divided by their standard deviations.
  public let whitens: Bool

  /// - Precondition: there is at least one component.
  public init(explainedVarianceRatios: [Double], whitens: Bool) {
    precondition(!explainedVarianceRatios.isEmpty, "no components")
    self.explainedVarianceRatios = explainedVarianceRatios
    self.whitens = whitens
  }

  /// The number of components.
  public var count: Int { explainedVarianceRatios.count }
  /// The share of the variance that all components together explain.
  public var explained: Double { explainedVarianceRatios.reduce(0, +) }
}

extension Standardization {
  /// The rule that ``automatic`` stands for after a transform. After a projection it stands for ``none``: components
  /// are centered already, and only ``PrincipalComponents/whitens`` should give all of them the standard deviation 1.
  public func resolved(after transform: FeatureTransform) -> Standardization {
    self == .automatic && transform.components != nil ? .none : resolved
  }
}
