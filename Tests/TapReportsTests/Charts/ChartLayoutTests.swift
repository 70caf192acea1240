import TapMetrics
import TapReports
import Testing

/// Checks the geometry of charts by numbers: values can be read off the image, and texts do not overlap.
struct ChartLayoutTests {
  private func chart(
    _ horizontal: LineChart.HorizontalScale, _ series: [LineChart.Series],
    intervals: LineChart.IntervalStyle = .whiskers
  ) -> LineChart {
    LineChart(
      title: "t", summary: "s", horizontalTitle: "layer", horizontal: horizontal,
      verticalTitle: "accuracy, % (95 % intervals)", intervals: intervals, series: series)
  }

  private func layers(_ count: Int, name: (Int) -> String = { "blocks.\($0)" }) -> LineChart {
    let points = (0..<count).map { index in
      LineChart.Point(
        x: Double(index), Proportion(successes: 40 + 2 * (index % 30), count: 100),
        mark: index == count - 1 ? "chosen: \(name(index))" : nil)
    }
    return chart(.categories((0..<count).map(name)), [LineChart.Series("a", points)])
  }

  @Test(arguments: [320.0, 360, 760])
  func heightsAreProportional(width: Double) throws {
    let layout = ChartLayout(layers(12), width: width)
    let (low, high) = (layout.y(0.4), layout.y(0.5))
    #expect(abs((layout.y(0.45)) - (low + high) / 2) < 1e-9)
    for label in layout.yLabels {
      let value = try #require(Double(label.text)) / 100
      #expect(abs(layout.y(value) - label.y) < 1e-9)
      #expect(layout.top - 1e-9 <= label.y && label.y <= layout.bottom + 1e-9)
    }
    for (index, point) in layout.points[0].enumerated() {
      let share = Proportion(successes: 40 + 2 * (index % 30), count: 100)
      #expect(abs(point.y - layout.y(share.value)) < 1e-9)
      #expect(abs(try #require(point.top) - layout.y(share.interval().upper)) < 1e-9)
      #expect(abs(try #require(point.bottom) - layout.y(share.interval().lower)) < 1e-9)
      #expect(layout.left < point.x && point.x < layout.right)
    }
  }

  @Test func logarithmsAreEvenlySpaced() {
    let values = [0.01, 0.1, 1, 10, 100]
    let points = values.map { LineChart.Point(x: $0, y: 0.5) }
    let layout = ChartLayout(
      chart(.logarithmic, [LineChart.Series("C", points)], intervals: .band), width: 760)
    let steps = zip(values, values.dropFirst()).map { layout.x($1) - layout.x($0) }
    for step in steps { #expect(abs(step - steps[0]) < 1e-9) }
    #expect(layout.xLabels.map(\.text) == ["0.01", "0.1", "1", "10", "100"])
    #expect(zip(layout.xLabels, values).allSatisfy { abs($0.x - layout.x($1)) < 1e-9 })
  }

  @Test(arguments: [320.0, 360, 760], [1, 2, 6, 20, 60])
  func labelsOfLayersDoNotOverlap(width: Double, count: Int) {
    let names: [(Int) -> String] = [
      { "blocks.\($0)" }, { "features.\($0).block.conv.relu_2" },
      { String(repeating: "long", count: 40) + "\($0)" },
    ]
    for name in names {
      let layout = ChartLayout(layers(count, name: name), width: width)
      let size = ChartLayout.fontSize
      for (a, b) in zip(layout.xLabels, layout.xLabels.dropFirst()) {
        let distance = b.x - a.x
        switch layout.turn {
        case .level:
          #expect(distance >= (TextWidth.of(a.text, size: size) + TextWidth.of(b.text, size: size)) / 2)
        case .slanted: #expect(distance * 0.7071 >= size)
        case .upright: #expect(distance >= size)
        }
      }
      for label in layout.xLabels {
        let length = TextWidth.of(label.text, size: size)
        switch layout.turn {
        case .level: #expect(label.x - length / 2 >= 0 && label.x + length / 2 <= width)
        case .slanted: #expect(label.x - length * 0.7071 >= 0)
        case .upright: #expect(label.y + length <= layout.height)
        }
      }
      #expect(layout.xTicks.count == count)
      #expect(layout.horizontalTitle.allSatisfy { $0.y < layout.height })
      #expect(layout.left < layout.right - 100, "the plot keeps its width")
    }
  }

  @Test(arguments: [320.0, 760]) func marksStayInTheImageAndApart(width: Double) {
    for place in [0, 5, 11] {
      var all = layers(12)
      for index in 0..<12 { all.series[0].points[index].mark = nil }
      all.series[0].points[place].mark = "chosen: blocks.\(place), 62.0 % (52.2-70.9)"
      all.series.append(all.series[0])
      let layout = ChartLayout(all, width: width)
      #expect(layout.marks.count == 2)
      for mark in layout.marks {
        let length = TextWidth.of(mark.label.text, size: ChartLayout.fontSize)
        let start =
          switch mark.anchor {
          case .start: mark.label.x
          case .middle: mark.label.x - length / 2
          case .end: mark.label.x - length
          }
        #expect(start >= 0 && start + length <= width)
        #expect(mark.label.y < layout.top)
        #expect(layout.verticalTitle.allSatisfy { $0.y + 10 < mark.label.y })
      }
      #expect(abs(layout.marks[0].label.y - layout.marks[1].label.y) >= ChartLayout.fontSize)
    }
  }

  @Test func theLegendIsForSeveralSeriesAndBreaksLines() {
    let one = LineChart.Series("squared hinge, blocks.10-avgmax", [LineChart.Point(x: 1, y: 0.5)])
    #expect(ChartLayout(chart(.linear, [one]), width: 360).legend.isEmpty)
    let layout = ChartLayout(chart(.linear, Array(repeating: one, count: 9)), width: 360)
    #expect(layout.legend.count == 9)
    #expect(Set(layout.legend.map(\.y)).count > 4)
    for label in layout.legend {
      #expect(label.x + 28 + TextWidth.of(label.text, size: ChartLayout.fontSize) <= 360)
      #expect(label.y < layout.top)
    }
  }

  @Test func whiskersOfSeriesStandSideBySide() {
    let points = (0..<3).map { LineChart.Point(x: Double($0), Proportion(successes: 50, count: 100)) }
    let layout = ChartLayout(
      chart(.categories(["a", "b", "c"]), (0..<4).map { LineChart.Series("\($0)", points) }), width: 360)
    let first = layout.points.map { $0[0].x }
    #expect(zip(first, first.dropFirst()).allSatisfy { $1 - $0 >= 5 })
    #expect(abs(first.reduce(0, +) / 4 - layout.x(0)) < 1e-9)
  }

  @Test func whatCannotBeDrawnIsLeftOut() {
    let points = [
      LineChart.Point(x: 0, y: .nan), LineChart.Point(x: -1, y: 0.5), LineChart.Point(x: .infinity, y: 0.5),
      LineChart.Point(x: 2.5, y: 0.5),
    ]
    #expect(
      ChartLayout(chart(.logarithmic, [LineChart.Series("a", points)]), width: 360).points[0].count == 1)
    #expect(
      ChartLayout(chart(.categories(["a"]), [LineChart.Series("a", points)]), width: 360).points[0].isEmpty)
    for scale: LineChart.HorizontalScale in [.linear, .logarithmic, .categories([])] {
      #expect(ChartLayout(chart(scale, []), width: 360).height > 200)
    }
  }

  @Test func textsAreEscapedAndNamed() {
    var hostile = layers(3, name: { "</text><script>\($0)" })
    hostile.title = "<b>"
    let svg = hostile.svg(id: "x")
    #expect(!svg.contains("<script") && !svg.contains("<b>"))
    #expect(svg.contains("aria-labelledby=\"x-title x-desc\""))
    #expect(svg.contains("<title id=\"x-title\">&lt;b&gt;</title>"))
    #expect(svg.contains("&lt;/text&gt;&lt;script&gt;2: 44.0 % (34.7-53.8)</title>"))
  }
}
