// One-versus-rest: the map from labels to signs.

/// The outputs of one-versus-rest models: one for each class, or a single one for two classes, whose models would
/// mirror each other.
struct OneVersusRest: Sendable, Hashable {
  let outputs: Int

  init(classCount: Int) {
    precondition(classCount >= 2, "\(classCount) classes")
    outputs = classCount == 2 ? 1 : classCount
  }

  /// +1 if a row of this label is on the side of the output, else -1.
  @inline(__always)
  func sign(of label: Int, output: Int) -> Double {
    label == (outputs == 1 ? 1 : output) ? 1 : -1
  }
}
