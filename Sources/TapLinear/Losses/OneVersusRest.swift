// One-versus-rest: the map from labels to signs.

/// The outputs of one-versus-rest models. There is one output for each class. Two classes have a single output, because
/// the models of the two classes would mirror each other.
struct OneVersusRest: Sendable, Hashable {
  let outputs: Int

  init(classCount: Int) {
    precondition(classCount >= 2, "\(classCount) classes")
    outputs = classCount == 2 ? 1 : classCount
  }

  /// +1 if a row with this label is on the positive side of the output, otherwise -1.
  @inline(__always)
  func sign(of label: Int, output: Int) -> Double {
    label == (outputs == 1 ? 1 : output) ? 1 : -1
  }
}
