// The items of an evaluation that the training used. An accuracy on such items says nothing about new items.

import TapMetrics

extension Evaluation {
  /// The number of items that the training used; nil if the items that the training used are unknown.
  public var seenCount: Int? { isSeen?.count { $0 } }

  /// The accuracy on the items that the training did not use, and the accuracy of always predicting their most frequent
  /// class; nil if there are no such items, or if the items that the training used are unknown.
  public var unseen: (accuracy: Proportion, majority: Proportion)? {
    guard let isSeen else { return nil }
    let indices = labels.indices.filter { !isSeen[$0] }
    guard !indices.isEmpty else { return nil }
    let (labels, predictions) = (indices.map { self.labels[$0] }, indices.map { self.predictions[$0] })
    return (
      ClassificationMetrics.accuracy(
        labels: labels, predictions: predictions,
        groups: items.images.groupIndices.map { groups in indices.map { groups[$0] } }),
      ClassificationMetrics.majorityRate(labels: labels, classCount: classNames.count)
    )
  }
}
