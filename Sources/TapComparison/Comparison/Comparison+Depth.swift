// The shallowest layer that is about as good as the best entry, and what it saves.

import TapSelection

extension Comparison {
  /// A shallower entry than the best entry, and the cost of one image that it saves.
  public struct Shallower: Hashable, Sendable {
    /// The index of the entry.
    public let index: Int
    /// The multiply-adds of one image that the entry saves; nil if there is no backbone.
    public let savedMultiplyAdds: Int?
    /// The milliseconds of one image that the entry saves; nil if there is no backbone. Measured times of neighboring
    /// layers can differ in the wrong direction, so the number can be negative.
    public let savedMilliseconds: Double?
    /// The bytes of one row of features that the entry saves; negative if its rows are longer than those of the best
    /// entry.
    public let savedBytes: Int
  }

  /// Whether a compared layer is less deep than the layer of the best entry; nil if the order of the layers is unknown.
  public var hasShallowerLayers: Bool? {
    guard let deepest = bestEntry.depth, entries.allSatisfy({ $0.depth != nil }) else { return nil }
    return entries.contains { ($0.depth ?? deepest) < deepest }
  }

  /// The least deep entry whose criterion is at most one standard error worse than that of the best entry. Among
  /// entries of one layer it is the best one. The value is nil if no such entry is less deep than the best entry, or if
  /// the order of the layers is unknown.
  ///
  /// The standard error is that of the best entry: ``Candidate/standardError``. The rule is the one of
  /// ``SelectionRule/oneStandardError``.
  public var shallower: Shallower? {
    guard hasShallowerLayers == true, let deepest = bestEntry.depth else { return nil }
    let best = bestEntry.selection.chosen
    var found: (index: Int, depth: Int)?
    for (index, entry) in entries.enumerated() {
      guard let depth = entry.depth, depth < deepest,
        entry.selection.chosen.isWithinOneStandardError(of: best)
      else { continue }
      if let (other, least) = found {
        let isBetter = entry.selection.chosen.isBetter(than: entries[other].selection.chosen)
        guard depth < least || depth == least && isBetter else { continue }
      }
      found = (index, depth)
    }
    guard let index = found?.index else { return nil }
    func saved<Number: AdditiveArithmetic>(_ cost: (Entry) -> Number?) -> Number? {
      guard let whole = cost(bestEntry), let part = cost(entries[index]) else { return nil }
      return whole - part
    }
    return Shallower(
      index: index, savedMultiplyAdds: saved(\.multiplyAdds), savedMilliseconds: saved(\.milliseconds),
      savedBytes: 4 * (bestEntry.dimensions - entries[index].dimensions))
  }
}
