import TapReports
import Testing

struct TextWidthTests {
  @Test func longTextsKeepTheirEnds() {
    let name = "features.denseblock4.denselayer16.conv2-avg"
    let fitted = TextWidth.fitted(name, width: 120, size: 12)
    #expect(fitted.hasPrefix("feature") && fitted.hasSuffix("-avg") && fitted.contains("…"))
    #expect(TextWidth.of(fitted, size: 12) <= 120)
    #expect(TextWidth.fitted("short", width: 120, size: 12) == "short")
    #expect(TextWidth.fitted(name, width: 1, size: 12) == "…")
  }

  @Test func linesBreakAtSpaces() {
    #expect(TextWidth.lines("accuracy in per cent", width: 1000, size: 12) == ["accuracy in per cent"])
    #expect(TextWidth.lines("accuracy in per cent", width: 75, size: 12) == ["accuracy in", "per cent"])
    #expect(TextWidth.lines("", width: 75, size: 12).isEmpty)
  }
}
