// Pictures with what was said of them: a gallery of mistakes.

import TapFormats

extension HTMLDocument {
  /// A small picture and its caption.
  package struct Thumbnail: Sendable, Hashable {
    /// The bytes of a JPEG file; nil leaves a place that says why there is no picture.
    package var jpeg: [UInt8]?
    /// In pixels, of the picture.
    package var width: Int
    package var height: Int
    /// The part of the picture that the network saw; nil where it saw all of it or that is not known.
    package var frame: Frame?
    /// Said in the picture's place where there is none: `the file is gone`.
    package var absence: String
    package var actual: String
    package var predicted: String
    /// How sure the prediction was, in words: `97.3 %`, `margin 2.31`.
    package var confidence: String
    package var path: String

    /// A part of a picture, in shares of its sides.
    package struct Frame: Sendable, Hashable {
      package var left: Double
      package var top: Double
      package var width: Double
      package var height: Double

      package init(left: Double, top: Double, width: Double, height: Double) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
      }
    }

    package init(
      jpeg: [UInt8]?, width: Int = 0, height: Int = 0, absence: String = "no picture", actual: String,
      predicted: String, confidence: String, path: String
    ) {
      self.jpeg = jpeg
      self.width = width
      self.height = height
      self.absence = absence
      self.actual = actual
      self.predicted = predicted
      self.confidence = confidence
      self.path = path
    }
  }

  /// Pictures up to this side are enlarged pixel by pixel: blurred, a digit of 8×8 says nothing.
  private static let tinySide = 40

  /// Pictures side by side, as many in a row as there is room for.
  package mutating func addThumbnails(_ thumbnails: [Thumbnail]) {
    if thumbnails.contains(where: { $0.jpeg != nil && $0.frame != nil }) {
      addParagraph("The frame in a picture is what the network saw of it: the rest was cropped away.")
    }
    add("<div class=\"thumbnails\">\n")
    for thumbnail in thumbnails {
      let alternative = HTMLDocument.escaped("\(thumbnail.path), \(thumbnail.actual)")
      if let jpeg = thumbnail.jpeg {
        let isTiny = max(thumbnail.width, thumbnail.height) <= HTMLDocument.tinySide
        add(
          "<figure class=\"picture\"><img\(isTiny ? " class=\"tiny\"" : "") src=\"data:image/jpeg;base64,\(Base64.text(jpeg))\" width=\"\(thumbnail.width)\" "
            + "height=\"\(thumbnail.height)\" alt=\"\(alternative)\">" + HTMLDocument.frame(of: thumbnail))
      } else {
        add("<figure><div class=\"gone\">\(HTMLDocument.name(thumbnail.absence))</div>")
      }
      let path = HTMLDocument.escaped(thumbnail.path)
      add(
        "<figcaption><span class=\"clip\"><b>\(HTMLDocument.name(thumbnail.predicted))</b> "
          + "<em>\(HTMLDocument.escaped(thumbnail.confidence))</em></span>"
          + "<span class=\"clip\"><em>is</em> \(HTMLDocument.name(thumbnail.actual))</span>"
          + "<span class=\"clip path\" title=\"\(path)\">\(HTMLDocument.name(thumbnail.path))</span>"
          + "</figcaption></figure>\n")
    }
    add("</div>\n")
  }

  /// A rectangle over the picture, which both are fitted into the same place.
  private static func frame(of thumbnail: Thumbnail) -> String {
    guard let frame = thumbnail.frame else { return "" }
    let (width, height) = (Double(thumbnail.width), Double(thumbnail.height))
    func text(_ value: Double) -> String { NumberText.fixed(value, digits: 1) }
    return
      "<svg class=\"crop\" viewBox=\"0 0 \(thumbnail.width) \(thumbnail.height)\" aria-hidden=\"true\"><rect x=\"\(text(frame.left * width))\" "
      + "y=\"\(text(frame.top * height))\" width=\"\(text(frame.width * width))\" height=\"\(text(frame.height * height))\"/></svg>"
  }
}
