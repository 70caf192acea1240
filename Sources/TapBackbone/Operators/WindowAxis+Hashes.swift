// The hashed text of windows. Stores are named by a hash of this text: see Graph+Hashes.

extension WindowAxis {
  /// A short text, such as `stride 2 padding symmetric(1)`, for usual windows: both axes are equal, both ends are
  /// padded equally, the dilation is 1, and the output size is rounded down. The first networks' stores have this text
  /// in their identities. Otherwise the text names all attributes of each axis.
  static func hashedText(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> String {
    var plain = horizontal
    plain.kernel = vertical.kernel
    if plain == vertical, vertical.dilation == 1, !vertical.roundsUp, let padding = vertical.padding.plainText {
      return "stride " + String(vertical.stride) + " padding " + padding
    }
    return vertical.hashedText + " by " + horizontal.hashedText
  }

  private var hashedText: String {
    "stride " + String(stride) + " dilation " + String(dilation) + " padding " + padding.hashedText
      + (roundsUp ? " up" : "")
  }
}

extension WindowAxis.Padding {
  /// The text of a padding with equal ends; nil for any other padding.
  fileprivate var plainText: String? {
    switch self {
    case .same: "same"
    case .around(let before, let after): before == after ? "symmetric(" + String(before) + ")" : nil
    }
  }

  fileprivate var hashedText: String {
    switch self {
    case .same: "same"
    case .around(let before, let after):
      "around(before: " + String(before) + ", after: " + String(after) + ")"
    }
  }
}
