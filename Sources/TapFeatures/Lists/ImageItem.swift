// One image of a list: its path and what is known about it.

import TapFileSystem
import TapFormats

/// The use of a part of a data set.
public enum SplitName: String, CaseIterable, Sendable {
  /// To fit models.
  case train
  /// To select a model.
  case validation = "val"
  /// For the final report; never read before.
  case test

  /// The split that a folder's or field's name means, in any case: `train` or `training`; `val`, `valid`, `validation`
  /// or `dev`; `test` or `testing`; with or without a `set` at the end.
  public init?(name: String) {
    guard let split = SplitWord(name)?.split else { return nil }
    self = split
  }
}

/// An image of a list, and what is known about it; a store and labeled features keep this value and add their own
/// facts.
public struct ImageItem: Hashable, Sendable {
  /// Relative to the list's folder, or absolute.
  public var path: String
  /// The class's name; nil when unknown.
  public var label: String?
  /// Nil when the list has no splits.
  public var split: SplitName?
  /// Images of one group are never on both sides of a split that we make.
  public var group: String?
  /// The weight in training, finite and at least 0; nil when none is given, which means 1.
  public var weight: Double?

  /// An image; everything but the path may be unknown.
  public init(
    path: String, label: String? = nil, split: SplitName? = nil, group: String? = nil, weight: Double? = nil
  ) {
    self.path = path
    self.label = label
    self.split = split
    self.group = group
    self.weight = weight
  }
}

extension ImageItem {
  /// Texts are equal if their bytes are.
  public static func == (first: ImageItem, second: ImageItem) -> Bool {
    first.path.hasBytes(of: second.path) && first.label.hasBytes(of: second.label)
      && first.split == second.split && first.group.hasBytes(of: second.group)
      && first.weight == second.weight
  }

  /// Hashes what ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ByteKey(path))
    hasher.combine(label.map(ByteKey.init))
    hasher.combine(split)
    hasher.combine(group.map(ByteKey.init))
    hasher.combine(weight)
  }

  /// The allowed values of a table's field `weight`.
  package static let weightExpectation = "a finite number of at least 0"

  /// The weight in a field of a table: ``weightExpectation``, or nil.
  package static func weight(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard let value = DecimalText.double(bytes[...]), value.isFinite, value >= 0 else { return nil }
    return value
  }
}
