import TapTraining
import TestSupport
import Testing
import TrainingSupport

@Suite struct PartitionTests {
  @Test func withoutSplitsEverythingTrains() throws {
    let data = try TrainingFixtures.data(9)
    let partition = try Partition(data.images)
    #expect(partition.origin == .undivided)
    #expect(partition.training == Array(0..<9) && partition.validation.isEmpty && partition.test.isEmpty)
    #expect(try partition.trainableClasses(data.images) == ["a", "b", "c"])
  }

  @Test func givenSplitsAreKept() throws {
    let data = try TrainingFixtures.data(16, splits: ["train", "validation", "", "test"])
    let partition = try Partition(data.images)
    #expect(partition.origin == .given)
    #expect(partition.training == [0, 2, 4, 6, 8, 10, 12, 14])
    #expect(partition.validation == [1, 5, 9, 13] && partition.test == [3, 7, 11, 15])
    #expect(throws: TrainingError.testSplitTwice) { try Partition(data.images, testFraction: 0.2) }
  }

  @Test func aTestSetIsDrawnFromEveryClass() throws {
    let data = try TrainingFixtures.data(60)
    let partition = try Partition(data.images, testFraction: 0.25, seed: 3)
    #expect(partition.origin == .drawn(fraction: 0.25, seed: 3))
    #expect(partition.test.count == 15 && Set(partition.test).isDisjoint(with: partition.training))
    for label in ["a", "b", "c"] {
      #expect(partition.test.count { data.items[$0].image.label == label } == 5)
    }
    #expect(try Partition(data.images, testFraction: 0.25, seed: 3) == partition)
    #expect(try Partition(data.images, testFraction: 0.25, seed: 4) != partition)
  }

  @Test func aValidationPartIsDrawnFromWhatTrains() throws {
    let data = try TrainingFixtures.data(60)
    let partition = try Partition(data.images, testFraction: 0.25, validationFraction: 0.2, seed: 3)
    let tested = try Partition(data.images, testFraction: 0.25, seed: 3)
    #expect(partition.test == tested.test && partition.validationFraction == 0.2)
    #expect((partition.training + partition.validation).sorted() == tested.training)
    for label in ["a", "b", "c"] {
      #expect(partition.validation.count { data.items[$0].image.label == label } == 3)
    }
    let groups = (0..<20).map { "object \($0 / 2)" }
    let grouped = try TrainingFixtures.data(60, groups: groups)
    let whole = try Partition(grouped.images, validationFraction: 0.3)
    let names = { (indices: [Int]) in Set(indices.compactMap { grouped.items[$0].image.group }) }
    #expect(
      !whole.validation.isEmpty && names(whole.validation).isDisjoint(with: names(whole.training)))
    let given = try TrainingFixtures.data(16, splits: ["train", "val"])
    #expect(throws: TrainingError.validationSplitTwice) {
      try Partition(given.images, validationFraction: 0.2)
    }
    let rare = try TrainingFixtures.data(5, labels: ["a", "a", "b", "b", "c"])
    #expect(throws: TrainingError.tooFewOfClass(name: "c", count: 1, needed: 2)) {
      try Partition(rare.images, validationFraction: 0.2)
    }
  }

  @Test func itemsOfWeightZeroAreInNoPartButAGivenTest() throws {
    let weights = (0..<60).map { $0 % 5 == 0 ? 0.0 : 2 }
    let plain = try TrainingFixtures.data(60, weights: weights)
    let whole = try Partition(plain.images)
    #expect(whole.training == (0..<60).filter { $0 % 5 != 0 } && whole.weightless == 12)
    let drawn = try Partition(plain.images, testFraction: 0.25, validationFraction: 0.25, seed: 3)
    #expect((drawn.training + drawn.validation + drawn.test).sorted() == whole.training)
    let given = try Partition(
      TrainingFixtures.data(60, splits: ["train", "train", "test", "val"], weights: weights).images)
    #expect(given.test.count == 15 && given.training.count == 24 && given.validation.count == 12)
    #expect(given.weightless == 9 && given.origin == .given)
    #expect(try Partition(TrainingFixtures.data(9).images).weightlessText == nil)
    let lost = try TrainingFixtures.data(9, weights: (0..<9).map { $0 % 3 == 1 ? 0 : 1 })
    #expect(throws: TrainingError.noWeight(name: "b")) {
      try Partition(lost.images).trainableClasses(lost.images)
    }
  }

  @Test func groupsStayWhole() throws {
    let data = try TrainingFixtures.data(60, groups: (0..<20).map { "object \($0 / 2)" })
    let partition = try Partition(data.images, testFraction: 0.3, seed: 0)
    let groups = { (indices: [Int]) in Set(indices.compactMap { data.items[$0].image.group }) }
    #expect(!partition.test.isEmpty && groups(partition.test).isDisjoint(with: groups(partition.training)))
  }

  @Test func unlabeledItemsAreCountedAndLeftOut() throws {
    let labels = (0..<12).map { $0 % 4 == 3 ? "" : ["a", "b"][$0 % 2] }
    let partition = try Partition(TrainingFixtures.data(12, labels: labels).images)
    #expect(partition.unlabeled == 3 && partition.training.count == 9)
  }

  @Test func classesAreCheckedBeforeAnythingElse() throws {
    func classes(_ labels: [String], splits: [String] = []) throws -> [String] {
      let data = try TrainingFixtures.data(labels.count, splits: splits, labels: labels)
      return try Partition(data.images).trainableClasses(data.images)
    }
    #expect(throws: TrainingError.noLabels) { try classes(["", ""]) }
    #expect(throws: TrainingError.oneClass(name: "a")) { try classes(["a", "a"]) }
    #expect(throws: TrainingError.tooFewOfClass(name: "b", count: 1, needed: 2)) {
      try classes(["a", "a", "b"])
    }
    #expect(throws: TrainingError.classNotInTraining(name: "c", split: "test")) {
      try classes(["a", "b", "a", "b", "c"], splits: ["", "", "", "", "test"])
    }
    // If a validation split chooses C, one image of a class is enough.
    #expect(try classes(["10", "2", "10"], splits: ["train", "train", "val"]) == ["10", "2"])
  }
}
