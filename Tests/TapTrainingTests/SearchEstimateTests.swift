import TapLinear
import TapSettings
import TapTraining
import TestSupport
import Testing
import TrainingSupport

/// The estimated cost of a search, which comes from sizes alone, and the parts that a search leaves out.
@Suite struct SearchEstimateTests {
  private func estimate(
    rows: Int = 1000, dimensions: [Int] = [80, 112], classes: Int = 10, isCrossValidated: Bool = true,
    known: Int = 0, equal: Int = 0, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) -> SearchEstimate {
    SearchEstimate(
      .with { change(&$0) }, dimensions: dimensions, known: known, equal: equal, rows: rows, classes: classes,
      isCrossValidated: isCrossValidated, threads: 2)
  }

  @Test func sizesAndFitsAreSaid() {
    #expect(estimate().text.hasPrefix("2 columns × 19 values of C × 5 folds: at most 190 fits, roughly "))
    #expect(
      estimate(dimensions: [8]) { ($0.c, $0.repeats) = (.fixed(1), 3) }.text.hasPrefix(
        "1 column × 5 folds × 3 repeats: 15 fits, roughly "))
    #expect(
      estimate(isCrossValidated: false, known: 3) { $0.c = .chosen(of: [0.1, 1]) }.text.hasPrefix(
        "2 columns (of 3 more C was chosen before) × 2 values of C: at most 4 fits, roughly "))
    #expect(
      estimate(known: 3, equal: 1).text.hasPrefix(
        "2 columns (of 3 more C was chosen before, 1 more holds the numbers of another) × 19 values of C × 5 folds: "
      ))
    #expect(estimate(dimensions: [], known: 2).text == "nothing, every C was chosen before")
    #expect(
      SearchEstimate([estimate(), estimate { $0 = TrainingSettings(.nearestMean) }]).text.hasPrefix(
        "logistic regression 2 columns × 19 values of C × 5 folds; nearest class mean 2 columns × 5 folds: at most 200 fits, roughly "
      ))
    // If there are fewer rows than folds, each row is a fold.
    #expect(estimate(rows: 3).fits == 2 * 19 * 3)
    #expect(estimate().nestedText == nil)
    let nested = estimate { $0.isNested = true }
    #expect(
      nested.nestedText?.hasPrefix("everything anew without each fold: at most 950 fits more, roughly ")
        == true)
    #expect(nested.seconds == estimate().seconds && nested.nestedSeconds > nested.seconds)
    #expect(estimate(isCrossValidated: false) { $0.isNested = true }.nestedText == nil)
  }

  @Test func moreWorkTakesLonger() {
    let usual = estimate().seconds
    for more in [
      estimate(rows: 2000), estimate(dimensions: [80, 112, 8]), estimate(dimensions: [160, 112]),
      estimate(classes: 100), estimate { $0.folds = 10 }, estimate { $0.repeats = 2 },
      estimate { $0 = TrainingSettings(.logistic(.init(penalty: .l1))) },
      estimate { $0 = TrainingSettings(.svm(.init(loss: .crammerSinger))) },
    ] {
      #expect(more.seconds > usual, "\(more.text)")
    }
    for less in [
      estimate { $0.c = .chosen(of: [1, 10]) }, estimate { $0.c = .fixed(1) },
      estimate(isCrossValidated: false),
      estimate { $0 = TrainingSettings(.nearestMean) },
    ] {
      #expect(less.seconds < usual, "\(less.text)")
    }
    // In the cost, principal components take the place of columns.
    let wide = estimate(dimensions: [10_000])
    #expect(
      estimate(dimensions: [10_000]) { $0.transform.components = .init(.components(10)) }.seconds
        < wide.seconds)
  }

  @Test func longSearchesSayWhatMakesThemShorter() throws {
    #expect(estimate().longText == nil)
    let long = try #require(estimate(rows: 1_000_000, dimensions: [2048, 1280], classes: 1000).longText)
    #expect(long.hasPrefix("Choosing C takes roughly "))
    #expect(
      long.hasSuffix(
        ": at most 190 fits. Shorter with fewer values of C (`c`), fewer `folds`, fewer `layers`, principal components "
          + "(`pca`), or a looser `tolerance`."), "\(long)")
    // The text suggests only changes that are possible.
    let fixed = try #require(
      estimate(rows: 1_000_000, dimensions: [2048], classes: 1000, isCrossValidated: false) {
        $0.c = .fixed(1)
        $0.transform.components = .init(.components(1000))
        $0.tolerance = 1e-3
        $0.model = .logistic(.init(penalty: .l1))
      }.longText)
    #expect(fixed.hasSuffix(" fit."), "\(fixed)")
    let all = try #require(
      estimate(rows: 1_000_000, dimensions: [2048], classes: 1000) {
        ($0.isExhaustive, $0.isNested, $0.repeats, $0.folds) = (true, true, 3, 2)
      }.longText)
    #expect(
      all.contains(
        "Shorter with no `nested`, no `exhaustive`, fewer values of C (`c`), fewer `repeats`, principal"
      ),
      "\(all)")
    // Each name in the text is the name of a setting.
    let names = Set((TrainingSettings.settings.map(\.name)) + ExtractionSettings.backboneSettings.map(\.name))
    for text in [long, all] {
      for (index, part) in text.split(separator: "`").enumerated() where index % 2 == 1 {
        #expect(names.contains(String(part)), "\(part)")
      }
    }
  }

  @Test func whatIsLeftOutIsCounted() {
    #expect(UntriedValues(tried: 19, of: 19).text() == nil)
    #expect(
      UntriedValues(tried: 7, of: 19).text()
        == "12 of 19 values of C not tried: larger ones brought nothing better; `exhaustive` tries all.")
    #expect(
      UntriedValues([.init(tried: 7, of: 19), .init(tried: 19, of: 19), .init(tried: 18, of: 19)]).text()
        == "13 of 57 values of C not tried, in 2 of 3 columns: larger ones brought nothing better; `exhaustive` tries all."
    )
  }
}
