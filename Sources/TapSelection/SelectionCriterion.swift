// What candidates are compared by.

/// What the best C, column and kind of model are best by.
public enum SelectionCriterion: String, Hashable, Sendable, CaseIterable {
  /// The share of correct predictions on rows held out; of equals the smallest log loss.
  case accuracy = "accuracy"
}
