// Common names of the parts of a data set, in folder names and in tables.

/// A name that may mean a part of a data set.
enum SplitWord: Hashable {
  case split(SplitName)
  /// `eval`: some people select models with this part, and some report results on it.
  case undecided

  /// The part that a name means, like `train`, `Training` or `TRAIN_SET`; nil for other names.
  init?(_ name: String) {
    var letters = Array(name.utf8).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    if letters.count > 3, letters.suffix(3).elementsEqual("set".utf8) {
      letters.removeLast(3)
      if let last = letters.last, "_- ".utf8.contains(last) { letters.removeLast() }
    }
    switch String(decoding: letters, as: UTF8.self) {
    case "train", "training": self = .split(.train)
    case "val", "valid", "validation", "validate", "validating", "dev", "devel", "development":
      self = .split(.validation)
    case "test", "testing": self = .split(.test)
    case "eval", "evaluation": self = .undecided
    default: return nil
    }
  }

  /// The part whose word is within a name, like `seg_train` or `val2017`; nil if the name holds no such word.
  init?(within name: String) {
    let parts = name.utf8.split { !(0x41...0x5A).contains($0) && !(0x61...0x7A).contains($0) && $0 < 0x80 }
    let words = Set(parts.compactMap { SplitWord(String(decoding: $0, as: UTF8.self)) })
    guard words.count == 1, let word = words.first else { return nil }
    self = word
  }

  var split: SplitName? { if case .split(let split) = self { split } else { nil } }
}
