// The data of a training after the items are split: classes, rows, labels, groups and weights.

import TapFormats
import TapSettings

/// The labels and rows of the items that training may use.
struct TrainingProblem: Sendable {
  let classNames: [String]
  let trainingItems: [LabeledFeatures.Item]
  let validationItems: [LabeledFeatures.Item]
  /// The items: first the training items, then the validation items.
  let items: [LabeledFeatures.Item]
  /// The classes of the rows of ``items``. Other rows have no class.
  let labels: RowLabels
  /// The rows of the training items in the matrices, in list order. In this order, folds do not depend on the order of
  /// rows in a store.
  let training: [Int]
  let validation: [Int]
  /// The fraction of the training items that was drawn for validation; nil if no items were drawn.
  let validationFraction: Double?

  init(
    _ data: LabeledFeatures, _ partition: Partition, isEstimated: Bool = true
  ) throws(TrainingError) {
    trainingItems = partition.training.map { data.items[$0] }
    validationItems = partition.validation.map { data.items[$0] }
    items = trainingItems + validationItems
    training = trainingItems.map(\.row)
    validation = validationItems.map(\.row)
    validationFraction = partition.validationFraction
    classNames = try partition.trainableClasses(data.images, isEstimated: isEstimated)
    labels = data.labels(of: partition.training + partition.validation, classNames: classNames)
  }

  /// Whether the last fit uses both training and validation items.
  func isRefitted(_ settings: TrainingSettings) -> Bool { !validation.isEmpty && settings.refits }

  /// The number of training items of each class, not counting validation items.
  var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels.classes(of: training) { counts[label] += 1 }
    return counts
  }

  /// A hash of the rows, contents, labels and groups of the items, in their order, and of the weights other than 1.
  func signature(_ items: [LabeledFeatures.Item]) -> JSONValue {
    var hash = SHA256()
    for item in items {
      let fields: [JSONValue] =
        [
          .integer(item.row), .string(item.contentHash), .string(item.image.label ?? ""),
          item.image.group.map(JSONValue.string) ?? .null,
        ] + (item.weight == 1 ? [] : [.number(item.weight)])
      hash.update(Array(JSONValue.array(fields).canonical.utf8))
    }
    return .string(hash.finalize().hex)
  }

  func groupsByRow(_ rows: Int) -> [Int]? {
    guard let groups = items.images.groupIndices else { return nil }
    var byRow = [Int](repeating: 0, count: rows)
    for (item, group) in zip(items, groups) { byRow[item.row] = group }
    return byRow
  }
}
