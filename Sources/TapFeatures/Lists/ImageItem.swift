// One image of a list: its path, label, split, group and weight.

import TapFileSystem
import TapFormats

/// The use of a part of a data set.
public enum SplitName: String, CaseIterable, Sendable {
  /// The part for fitting models.
  case train
  /// The part for selecting a model.
  case validation = "val"
  /// The part for the final report. Test images have no influence on the model.
  case test

  /// The split that the name of a folder or the value of a field means, in upper or lower case. The names are `train`
  /// or `training`; `val`, `valid`, `validation` or `dev`; `test` or `testing`. Each may end with `set`.
  public init?(name: String) {
    guard let split = SplitWord(name)?.split else { return nil }
    self = split
  }
}

/// An image of a list with its label, split, group and weight. A stored item and an item of labeled features contain an
/// image item and add their own fields.
public struct ImageItem: Hashable, Sendable {
  /// The path, relative to the list's folder or absolute.
  public var path: String
  /// The name of the class; nil if the class is unknown.
  public var label: String?
  /// The split of the image; nil if the list has no splits.
  public var split: SplitName?
  /// The group. The program never divides the images of one group between the two sides of a split.
  public var group: String?
  /// The weight in training, finite and at least 0; nil stands for 1.
  public var weight: Double?

  /// Creates an image. Everything except the path may be unknown.
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
  /// Compares all values. Texts are equal only if their bytes are equal.
  public static func == (first: ImageItem, second: ImageItem) -> Bool {
    first.path.hasBytes(of: second.path) && first.label.hasBytes(of: second.label)
      && first.split == second.split && first.group.hasBytes(of: second.group)
      && first.weight == second.weight
  }

  /// Hashes the values that ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ByteKey(path))
    hasher.combine(label.map(ByteKey.init))
    hasher.combine(split)
    hasher.combine(group.map(ByteKey.init))
    hasher.combine(weight)
  }

  /// The description of the values that a table's field `weight` may have.
  package static let weightExpectation = "a finite number of at least 0"

  /// The weight in a field of a table; nil if the field is not ``weightExpectation``.
  package static func weight(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard let value = DecimalText.double(bytes[...]), value.isFinite, value >= 0 else { return nil }
    return value
  }
}
