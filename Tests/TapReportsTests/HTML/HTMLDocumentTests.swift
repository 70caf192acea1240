import TapMetrics
import TapReports
import Testing

struct HTMLDocumentTests {
  private func page() -> String {
    var page = HTMLDocument(title: "<script>alert('x')</script>")
    page.addHeading("a & b")
    page.addParagraph("\"quoted\" <b>")
    page.addTable(
      headings: ["name", "dimensions", "accuracy"],
      rows: [
        HTMLDocument.Row([.text("<i>"), .number("1,280"), .share(Proportion(successes: 3, count: 4))]),
        HTMLDocument.Row(
          [.text("x"), .number("8"), .share(Proportion(successes: 0, count: 4))], isMarked: true),
      ])
    page.addSettings([("path", "a<b>.json5")])
    return page.text
  }

  @Test func everyTextIsEscaped() {
    let text = page()
    #expect(!text.contains("<script"))
    #expect(text.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
    #expect(text.contains("<h2 id=\"part1\">a &amp; b</h2>"))
    #expect(text.contains("<p>&quot;quoted&quot; &lt;b&gt;</p>"))
    #expect(text.contains("<td>&lt;i&gt;</td>"))
    #expect(text.contains("<dt>path</dt><dd>a&lt;b&gt;.json5</dd>"))
  }

  @Test func needsNothingElseAndFollowsTheSystemsColors() {
    let text = page()
    #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(text.contains("color-scheme: light dark"))
    for outside in ["http:", "https:", "//", "src=", "href=", "@import", "url("] {
      #expect(!text.contains(outside), "\(outside)")
    }
    #expect(text.contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""))
  }

  @Test func everyOpenedElementIsClosed() {
    let text = page()
    for name in ["html", "head", "body", "div", "table", "thead", "tbody", "tr", "th", "td", "dl", "span"] {
      let opened = text.split(separator: "<\(name)").dropFirst().count { " >".contains($0.first ?? "?") }
      let closed = text.split(separator: "</\(name)>", omittingEmptySubsequences: false).count - 1
      #expect(opened == closed, "\(name)")
    }
  }

  @Test func hostileNamesStayNames() {
    var page = HTMLDocument(title: "\u{202E}drawkcab")
    page.addTable(headings: ["c"], rows: [HTMLDocument.Row([.text("a\n\u{1B}[31m\u{7F}\u{85}\0")])])
    page.addSettings([("שלום", "x\" onload=\"y")])
    page.addCommand(["layertap", "'a\nb'", "<c>"])
    let text = page.text
    #expect(text.contains("<h1><bdi>\u{202E}drawkcab</bdi></h1>"))
    #expect(text.contains("<td><bdi>a␊␛[31m␡\u{FFFD}␀</bdi></td>"))
    #expect(text.contains("<dt><bdi>שלום</bdi></dt><dd>x&quot; onload=&quot;y</dd>"))
    #expect(
      text.contains("<pre><span>layertap</span> <span>&#39;a\nb&#39;</span> <span>&lt;c&gt;</span></pre>"))
  }

  @Test func thumbnailsHoldTheirImage() {
    var page = HTMLDocument(title: "t")
    page.addThumbnails([
      HTMLDocument.CaptionedImage(
        jpeg: [0xFF, 0xD8, 0xFF, 0x00], width: 128, height: 96, actual: "<a>", predicted: "b",
        confidence: "97.3 %", path: "x/<y>.jpg"),
      HTMLDocument.CaptionedImage(
        jpeg: nil, absence: "gone", actual: "a", predicted: "b", confidence: "margin 2.3", path: "z"),
    ])
    let text = page.text
    #expect(
      text.contains(
        "<img src=\"data:image/jpeg;base64,/9j/AA==\" width=\"128\" height=\"96\" alt=\"x/&lt;y&gt;.jpg, &lt;a&gt;\">"
      ))
    #expect(text.contains("<div class=\"gone\">gone</div>"))
    #expect(text.contains("<b>b</b> <em>margin 2.3</em>") && !text.contains("<a>"))
  }

  @Test func chartsComeInTwoWidthsAndAsNumbers() {
    var page = HTMLDocument(title: "t")
    let points = [LineChart.Point(x: 0, Proportion(successes: 3, count: 4), mark: "chosen")]
    page.addChart(
      LineChart(
        title: "Accuracy", summary: "s", horizontalTitle: "layer", horizontal: .categories(["stem"]),
        verticalTitle: "accuracy, %", series: [LineChart.Series("a", points)]))
    let text = page.text
    #expect(text.contains("<svg class=\"chart wide\"") && text.contains("<svg class=\"chart narrow\""))
    #expect(text.contains("id=\"chart1w-title\"") && text.contains("id=\"chart1n-title\""))
    #expect(
      text.contains("<tr class=\"marked\"><td>stem</td><td class=\"number\">75.0 % (30.1-95.4)</td></tr>"))
  }

  @Test func longNamesAreClippedAndWholeInTheirTitle() {
    var page = HTMLDocument(title: "t")
    let name = String(repeating: "<long>", count: 20)
    page.addTable(headings: ["c"], rows: [HTMLDocument.Row([.text(name)])])
    let shown = String(repeating: "&lt;long&gt;", count: 20)
    #expect(page.text.contains("<td><span class=\"clip\" title=\"\(shown)\">\(shown)</span></td>"))
  }

  @Test func aLongPageListsItsParts() {
    var page = HTMLDocument(title: "t")
    for heading in ["one", "<two>", "three"] { page.addHeading(heading) }
    #expect(!page.text.contains("<nav>"))
    page.addHeading("four")
    #expect(page.text.contains("<nav><a href=\"#part1\">one</a> <a href=\"#part2\">&lt;two&gt;</a> "))
    #expect(page.text.contains("<h2 id=\"part4\">four</h2>"))
  }

  @Test func sharesAreFiguresAndBars() {
    let text = page()
    #expect(text.contains("75.0 % (30.1-95.4)</td>"))
    #expect(text.contains("<i style=\"left:30.1%;right:4.6%\">"))
    #expect(text.contains("<b style=\"left:75.0%\">"))
    #expect(text.contains("<tr class=\"marked\">"))
    #expect(text.contains("<td class=\"number\">1,280</td>"))
  }
}
