import Synchronization
import TapComparison
import TapSettings
import TapTraining
import TestSupport
import Testing
import TrainingSupport

/// Searches that leave no value of C out, and progress that counts fits.
@Suite struct ExhaustiveSearchTests {
  /// A large C fits these classes closely, so that the usual search ends early.
  @Test func exhaustiveSearchesTryEveryValue() throws {
    let data = try TrainingFixtures.data(60, labels: (0..<60).map { $0 % 3 == 2 ? "far" : "near" })
    let partition = try Partition(data.images)
    let usual = try Trainer(threads: 2).train(data, partition)
    let all = try Trainer(.with { $0.isExhaustive = true }, threads: 2).train(data, partition)
    let (early, whole) = (usual.chosen.selection.candidates, all.chosen.selection.candidates)
    #expect(early.count < 19 && whole.count == 19)
    #expect(whole.prefix(early.count).map(\.folds) == early.map(\.folds))
    #expect(
      UntriedValues([usual]).text()
        == "\(19 - early.count) of 19 values of C not tried: larger ones brought nothing better; `exhaustive` tries all."
    )
    #expect(UntriedValues([all]).text() == nil)
    // A training with one value of C leaves no value out, and neither does a nearest mean, which has no C.
    for settings in [TrainingSettings(c: 1), TrainingSettings(.nearestMean)] {
      #expect(try UntriedValues([Trainer(settings).train(data, partition)]).text() == nil)
    }
    #expect(all.summary.settings.word("exhaustive") == "true")
  }

  /// The first report comes before the first fit. Each fit is reported, and the last report says that all fits are
  /// done.
  private func expectFits(
    _ total: Int, atLeast steps: Int, _ body: (@escaping @Sendable (Int, Int) -> Void) throws -> Void
  ) throws {
    let calls = Mutex<[[Int]]>([])
    try body { done, total in calls.withLock { $0.append([done, total]) } }
    let seen = calls.withLock { $0 }
    #expect(
      seen.first == [0, total] && seen.last == [total, total], "\(seen.first ?? []) \(seen.last ?? [])")
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0[0] <= $1[0] && $1[1] == total })
    #expect(Set(seen.map { $0[0] }).count >= steps, "\(seen.count)")
  }

  @Test func progressCountsFits() throws {
    let data = try TrainingFixtures.data(60)
    let partition = try Partition(data.images)
    let settings = TrainingSettings.with {
      $0.c = .chosen(of: [0.01, 0.1, 1])
      $0.isExhaustive = true
      $0.folds = 3
    }
    try expectFits(9, atLeast: 10) { report in
      _ = try Trainer(settings).train(data, partition, progress: report)
    }
    try expectFits(27, atLeast: 28) { report in
      _ = try Trainer(settings).nestedEstimate(data, partition, progress: report)
    }
    let divided = try TrainingFixtures.data(60, splits: ["train", "train", "train", "val"])
    try expectFits(3, atLeast: 4) { report in
      _ = try Trainer(settings).train(divided, Partition(divided.images), progress: report)
    }
    // Kinds of models with different numbers of fits come one after the other. The count never decreases.
    let mean = TrainingSettings.with(.nearestMean) { $0.folds = 3 }
    var runner = ComparisonRunner(settings: [mean, settings])
    try expectFits(12, atLeast: 13) { report in
      _ = try runner.choose(data, partition) { step in
        if case .selecting(let done, let total) = step { report(done, total) }
      }
    }
    for index in runner.settings.indices { runner.settings[index].isNested = true }
    let nested = runner
    try expectFits(36, atLeast: 37) { report in
      _ = try nested.run(data, partition) { step in
        if case .estimating(let done, let total) = step { report(done, total) }
      }
    }
  }

  @Test func estimatesCountTheFits() throws {
    let data = try TrainingFixtures.data(60)
    let partition = try Partition(data.images)
    #expect(try Trainer().searchEstimate(data, partition).fits == 95)
    #expect(
      try ComparisonRunner(settings: [TrainingSettings(), TrainingSettings(.svm())]).searchEstimate(
        data, partition
      ).fits == 190)
    #expect(throws: TrainingError.self) {
      try Trainer(.with { $0.folds = 1 }).searchEstimate(data, partition)
    }
  }
}
