// The division of items into parts for fitting, for choosing, and for the final report.

import TapFeatures
import TapFileSystem
import TapSelection
import TapSettings
import TapText

/// Images divided by their use. Each part is a list of indices in increasing order, into a list of images or the items
/// of ``LabeledFeatures``.
public struct Partition: Hashable, Sendable {
  /// The origin of the division.
  public enum Origin: Hashable, Sendable {
    /// All items are for training, so there is no test set.
    case undivided
    /// The folders or the manifest divide the items.
    case given
    /// This fraction of every class was drawn for the test part.
    case drawn(fraction: Double, seed: UInt64)
  }

  /// The origin of the division.
  public let origin: Origin
  /// The items for fitting.
  public let training: [Int]
  /// The items by which C and column are chosen; if there are none, cross-validation chooses.
  public let validation: [Int]
  /// The fraction of every class that was drawn from the training items for ``validation``; nil if nothing was drawn.
  public let validationFraction: Double?
  /// The items for the final report. Training and choices do not use them.
  public let test: [Int]
  /// The number of items without a label. Training and evaluation cannot use these items.
  public let unlabeled: Int
  /// The number of training or validation items with a label and weight 0. These items are ignored and in no part.
  /// (Each test item counts once, whatever its weight.)
  public let weightless: Int

  /// Splits the labeled items.
  ///
  /// If some items have a split, an item without a split is for training.
  ///
  /// - Parameters:
  ///   - testFraction: the fraction of a stratified test set, drawn if no test set is given; groups stay whole.
  ///   - validationFraction: the fraction of a stratified validation part, drawn from the other items if no validation
  ///     part is given.
  /// - Throws: ``TrainingError/testSplitTwice``, ``TrainingError/validationSplitTwice``,
  ///   ``TrainingError/selection(_:)``.
  public init(
    _ items: [ImageItem], testFraction: Double? = nil, validationFraction: Double? = nil, seed: UInt64 = 0
  ) throws(TrainingError) {
    let labeled = items.indices.filter { items[$0].label != nil }
    unlabeled = items.count - labeled.count
    let used = labeled.filter { items[$0].split == .test || items[$0].weight != 0 }
    weightless = labeled.count - used.count
    var training = used.filter { items[$0].split == nil || items[$0].split == .train }
    var validation = used.filter { items[$0].split == .validation }
    var test = used.filter { items[$0].split == .test }
    let isDivided = labeled.contains { items[$0].split == .validation || items[$0].split == .test }
    if let testFraction {
      guard test.isEmpty else { throw .testSplitTwice }
      (training, test) = try Self.holdOut(testFraction, of: training, items, seed: seed)
      origin = .drawn(fraction: testFraction, seed: seed)
    } else {
      origin = isDivided ? .given : .undivided
    }
    if let validationFraction {
      guard validation.isEmpty else { throw .validationSplitTwice }
      (training, validation) = try Self.holdOut(validationFraction, of: training, items, seed: seed)
    }
    self.training = training
    self.validation = validation
    self.test = test
    self.validationFraction = validationFraction
  }

  /// Splits the labeled items according to the settings.
  ///
  /// - Throws: as ``init(_:testFraction:validationFraction:seed:)``.
  public init(
    _ items: [ImageItem], _ settings: TrainingSettings
  ) throws(TrainingError) {
    try self.init(
      items, testFraction: settings.testFraction, validationFraction: settings.validationFraction,
      seed: settings.seed)
  }

  /// Splits some of the items by class, so that both parts have a share of each class.
  private static func holdOut(
    _ fraction: Double, of indices: [Int], _ items: [ImageItem], seed: UInt64
  ) throws(TrainingError) -> (kept: [Int], heldOut: [Int]) {
    let parts = indices.map { items[$0] }
    let names = parts.classNames
    let split: Split
    do {
      split = try Splits.holdOut(
        labels: parts.classIndices(names), classCount: names.count, fraction: fraction, seed: seed,
        groups: parts.groupIndices)
    } catch { throw TrainingError(error, classNames: names) }
    return (split.training.map { indices[$0] }, split.validation.map { indices[$0] })
  }

  /// A partition with fewer training items of the same list. The other items are left out; there is no validation part
  /// and no test part.
  init(of partition: Partition, training: [Int]) {
    origin = partition.origin
    (unlabeled, weightless) = (0, 0)
    self.training = training
    (validation, test) = ([], [])
    validationFraction = nil
  }

  /// The classes to train, in the order of class indices.
  ///
  /// This method needs only labels, so it can be called before features are extracted.
  ///
  /// - Parameter isEstimated: whether rows will be held out in turn, which needs two rows of each class.
  /// - Throws: ``TrainingError``: there are fewer than two classes, a class has too few training items to choose C by,
  ///   or a class occurs only outside the training items.
  public func trainableClasses(
    _ items: [ImageItem], isEstimated: Bool = true
  ) throws(TrainingError) -> [String] {
    let trainingItems = training.map { items[$0] }
    let names = trainingItems.classNames
    let known = Set(names.map(ByteKey.init))
    let weightless = items.filter { $0.weight == 0 && ($0.split == nil || $0.split == .train) }
    if let name = weightless.classNames.first(where: { !known.contains(ByteKey($0)) }) {
      throw .noWeight(name: name)
    }
    guard let first = names.first else { throw .noLabels }
    guard names.count > 1 else { throw .oneClass(name: first) }
    for (part, indices) in [("validation", validation), ("test", test)] {
      for index in indices {
        if let label = items[index].label, !known.contains(ByteKey(label)) {
          throw .classNotInTraining(name: label, split: part)
        }
      }
    }
    if validation.isEmpty, isEstimated {
      var counts = [Int](repeating: 0, count: names.count)
      for label in trainingItems.classIndices(names) { counts[label] += 1 }
      if let small = counts.firstIndex(of: 1) {
        throw .tooFewOfClass(name: names[small], count: 1, needed: 2)
      }
    }
    return names
  }

  /// A sentence about items that were left out because their weight is 0; nil if there are none.
  package var weightlessText: String? {
    guard weightless > 0 else { return nil }
    return weightless == 1
      ? "1 image has weight 0 and is left out, as if it were not there."
      : "\(NumberText.grouped(weightless)) images have weight 0 and are left out, as if they were not there."
  }
}
