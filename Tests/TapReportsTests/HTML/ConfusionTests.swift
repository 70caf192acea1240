import TapMetrics
import TapReports
import Testing

struct ConfusionTests {
  private func page(_ matrix: ConfusionMatrix, _ names: [String]) -> String {
    var page = HTMLDocument(title: "t")
    page.addConfusionMatrix(matrix, classNames: names)
    return page.text
  }

  private func count(_ part: String, in text: String) -> Int {
    text.split(separator: part, omittingEmptySubsequences: false).count - 1
  }

  @Test func cellsHoldCountsAndTheShareOfTheirRow() {
    let matrix = ConfusionMatrix(labels: [0, 0, 0, 0, 1, 1], predictions: [0, 0, 0, 1, 1, 1], classCount: 2)
    let text = page(matrix, ["<cat>", "dog"])
    #expect(
      text.contains("<td class=\"hit\" style=\"--s:60\" title=\"&lt;cat&gt; → &lt;cat&gt;: 3 of 4\">3</td>"))
    #expect(text.contains("<td style=\"--s:35\" title=\"&lt;cat&gt; → dog: 1 of 4\">1</td>"))
    #expect(text.contains("<td class=\"hit\" style=\"--s:70\" title=\"dog → dog: 2 of 2\">2</td>"))
    #expect(text.contains("<td></td>") && !text.contains("<cat>"))
    #expect(!text.contains("class=\"heat\"") && !text.contains("class=\"turned\""))
    #expect(
      text.contains("<td>&lt;cat&gt;</td><td>dog</td><td class=\"number\">1</td><td class=\"number\">4</td>"))
  }

  @Test func manyClassesAreFoldedToTheMostConfused() {
    // Class 7 is predicted as 9 five times. All other predictions except one are right.
    let classes = 101
    var labels = Array(0..<classes)
    var predictions = labels
    labels += [7, 7, 7, 7, 7, 100]
    predictions += [9, 9, 9, 9, 9, 99]
    let matrix = ConfusionMatrix(labels: labels, predictions: predictions, classCount: classes)
    let names = (0..<classes).map { "class-\($0)" }
    #expect(ConfusedPairs.mostConfused(matrix, count: 4) == [7, 9, 99, 100])
    #expect(ConfusedPairs.pairs(matrix).map(\.count) == [5, 1])
    let text = page(matrix, names)
    #expect(count("<rect class=\"hit\"", in: text) == 101)
    #expect(count("<rect class=\"miss\"", in: text) == 2)
    #expect(text.contains("<rect class=\"miss\" x=\"9\" y=\"7\" width=\"1\" height=\"1\" opacity=\"0.88\">"))
    #expect(
      text.contains(
        "The other 81 share a row and a column; of all 6 mistakes, 0 lie among these others alone."))
    #expect(count("<th class=\"turned\">", in: text) == 21)
    #expect(count("title=\"class-7 → class-9: 5 of 6\"", in: text) == 1)
    #expect(text.contains("81 others → 81 others: 81 of 81"))
  }

  @Test func noMistakesAreSaid() {
    let matrix = ConfusionMatrix(labels: [0, 1], predictions: [0, 1], classCount: 2)
    #expect(page(matrix, ["a", "b"]).contains("There is not one mistake."))
    #expect(
      page(ConfusionMatrix(labels: [], predictions: [], classCount: 2), ["a", "b"]).contains("<table>"))
  }
}
