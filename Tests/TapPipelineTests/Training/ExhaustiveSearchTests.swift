import TapPipeline
import TapSettings
import TestSupport
import Testing

/// A search that leaves nothing out.
@Suite struct ExhaustiveSearchTests {
  /// Classes that a large C fits closely, so that the usual search ends early.
  @Test func exhaustiveSearchesTryEveryValue() throws {
    let data = try TrainingFixtures.data(60, labels: (0..<60).map { $0 % 3 == 2 ? "far" : "near" })
    let partition = try Partition(data.items)
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
    // One value, or none, leaves nothing out.
    for settings in [TrainingSettings(c: 1), TrainingSettings(.nearestMean)] {
      #expect(try UntriedValues([Trainer(settings).train(data, partition)]).text() == nil)
    }
    #expect(all.summary.settings.word("exhaustive") == "true")
  }
}
