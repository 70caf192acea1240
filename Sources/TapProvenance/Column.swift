// A column of a feature store: a tap and its pooling.

/// The conversion of an activation `[C, H, W]` to a vector. A pooling applies to taps of rank 4 (with the batch axis).
/// A tap of rank 2 is used unchanged, with `Pooling.none`.
public enum Pooling: Hashable, Sendable {
  /// The mean over positions: C values.
  case avg
  /// The maximum over positions: C values.
  case max
  /// The values of `avg`, followed by the values of `max`: 2 C values.
  case avgmax
  /// The generalized mean `mean(max(x, epsilon)^p)^(1/p)`: C values. Source: Radenovic, Tolias, Chum (2018).
  case gem(p: Double, epsilon: Double)
  /// All values in the order C, H, W, as in PyTorch's `flatten`: C H W values.
  case flatten
  /// No pooling, because the tap is already a vector.
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

  /// The poolings that an option can name.
  public static let selectable: [Pooling] = [.avg, .max, .avgmax, .gem, .flatten]

  /// The pooling with this ``name`` and with default parameters; nil if there is no such name.
  public init?(name: String) {
    guard let match = (Pooling.selectable + [.none]).first(where: { $0.name == name }) else {
      return nil
    }
    self = match
  }
}

/// One feature vector for each image, identified by the canonical name of a tap and its pooling.
public struct Column: Hashable, Sendable {
  /// The layer's canonical name, never an alias.
  public let tap: String
  /// The conversion of the tap's activation to a vector.
  public let pooling: Pooling

  /// Creates a column. Does not check that a backbone has such a tap.
  public init(tap: String, pooling: Pooling) {
    self.tap = tap
    self.pooling = pooling
  }

  /// The column's name, such as `blocks.4-avg`. Without a pooling, it is the name of the tap alone.
  public var name: String { pooling == .none ? tap : "\(tap)-\(pooling.name)" }
}
