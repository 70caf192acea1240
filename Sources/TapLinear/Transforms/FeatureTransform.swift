// What happens to rows before their columns are scaled, as settings.

/// Which principal components are kept, and how.
public struct PrincipalComponents: Hashable, Sendable {
  /// How many.
  public enum Count: Hashable, Sendable {
    /// So many, at least 1; where the training rows span fewer dimensions, as many as they do.
    case components(Int)
    /// As few as explain more than this share of the variance, above 0 and below 1.
    case variance(Double)
  }

  /// How many.
  public var count: Count
  /// Whether each component is divided by its standard deviation (with n - 1 in the denominator, as in scikit-learn).
  public var whitens: Bool

  /// Components, as they are unless `whitens`.
  public init(_ count: Count, whitens: Bool = false) {
    self.count = count
    self.whitens = whitens
  }
}

/// What happens to features before they are scaled: first rows are normalised, then they are projected.
///
/// ```
/// x̂ = x / ‖x‖₂  (a row of zeros stays),      x̃ = A (x̂ - m)
/// ```
/// with m the mean and A `[components, d]` the principal axes of the training rows, of a fold its own. A projection is linear
/// and becomes part of the weights of a fitted model; a normalisation is not, and a model remembers it.
public struct FeatureTransform: Hashable, Sendable {
  /// Whether each row is divided by its Euclidean norm.
  public var normalizesRows: Bool
  /// Nil for no projection.
  public var components: PrincipalComponents?

  /// Nothing, unless told otherwise.
  public init(normalizesRows: Bool = false, components: PrincipalComponents? = nil) {
    self.normalizesRows = normalizesRows
    self.components = components
  }

  /// Rows stay as they are.
  public static let none = FeatureTransform()
}

/// What is known of the principal components that a model was fitted in.
public struct ProjectionSummary: Hashable, Sendable {
  /// The variance of each component as a share of the whole, falling.
  public let explainedVarianceRatios: [Double]
  /// Whether they were divided by their standard deviations.
  public let whitens: Bool

  /// - Precondition: at least one component.
  public init(explainedVarianceRatios: [Double], whitens: Bool) {
    precondition(!explainedVarianceRatios.isEmpty, "no components")
    self.explainedVarianceRatios = explainedVarianceRatios
    self.whitens = whitens
  }

  /// How many there are.
  public var count: Int { explainedVarianceRatios.count }
  /// The share of the variance that all of them explain.
  public var explained: Double { explainedVarianceRatios.reduce(0, +) }
}

extension Standardization {
  /// The rule that ``automatic`` stands for after a transform: components are centred already, and to scale them all to 1 is
  /// what ``PrincipalComponents/whitens`` asks for, so there it is ``none``.
  public func resolved(after transform: FeatureTransform) -> Standardization {
    self == .automatic && transform.components != nil ? .none : resolved
  }
}
