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
    #expect(text.contains("<h2>a &amp; b</h2>"))
    #expect(text.contains("<p>&quot;quoted&quot; &lt;b&gt;</p>"))
    #expect(text.contains("<td>&lt;i&gt;</td>"))
    #expect(text.contains("<dt>path</dt><dd>a&lt;b&gt;.json5</dd>"))
  }

  @Test func needsNothingElseAndFollowsTheSystemsColours() {
    let text = page()
    #expect(text.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(text.contains("color-scheme: light dark"))
    for outside in ["http", "src=", "href=", "@import", "url("] {
      #expect(!text.contains(outside), "\(outside)")
    }
  }

  @Test func everyOpenedElementIsClosed() {
    let text = page()
    for name in ["html", "head", "body", "div", "table", "thead", "tbody", "tr", "th", "td", "dl", "span"] {
      let opened = text.split(separator: "<\(name)").dropFirst().count { " >".contains($0.first ?? "?") }
      let closed = text.split(separator: "</\(name)>", omittingEmptySubsequences: false).count - 1
      #expect(opened == closed, "\(name)")
    }
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
