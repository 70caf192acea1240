// A column of a feature store: a tap and how it is pooled.

/// The conversion of an activation `[C, H, W]` to a vector. Applies to taps of rank 4 (with the batch axis); a tap of
/// rank 2 is used unchanged, with `Pooling.none`.
public enum Pooling: Hashable, Sendable {
  /// The mean over positions: C values.
  case avg
  /// The maximum over positions: C values.
  case max
  /// `avg`, then `max`: 2 C values.
  case avgmax
  /// The generalized mean `mean(max(x, epsilon)^p)^(1/p)`: C values. Radenovic, Tolias, Chum (2018).
  case gem(p: Double, epsilon: Double)
  /// Every value in C, H, W order, as PyTorch's `flatten`: C H W values.
  case flatten
  /// The tap is a vector already.
  case none

  /// `gem` with the parameters of the literature: p = 3, epsilon = 1e-6.
  public static let gem = Pooling.gem(p: 3, epsilon: 1e-6)

  /// The name used in options, column names and files.
  public var name: String {
    switch self {
    case .avg: "avg"
    case .max: "max"
    case .avgmax: "avgmax"
    case .gem: "gem"
    case .flatten: "flatten"
    case .none: "none"
    }
  }

  /// The poolings that have a name for options.
  public static let selectable: [Pooling] = [.avg, .max, .avgmax, .gem, .flatten]

  /// The pooling of a ``name``, with default parameters; nil if there is no such name.
  public init?(name: String) {
    guard let match = (Pooling.selectable + [.none]).first(where: { $0.name == name }) else {
      return nil
    }
    self = match
  }
}

/// One feature vector per image: the canonical name of a tap and its pooling.
public struct Column: Hashable, Sendable {
  /// The layer's canonical name, never an alias.
  public let tap: String
  /// The conversion of the tap's activation to a vector.
  public let pooling: Pooling

  /// A column of these two; does not check that a backbone has such a tap.
  public init(tap: String, pooling: Pooling) {
    self.tap = tap
    self.pooling = pooling
  }

  /// `blocks.4-avg`; the tap alone when there is nothing to pool.
  public var name: String { pooling == .none ? tap : "\(tap)-\(pooling.name)" }
}
