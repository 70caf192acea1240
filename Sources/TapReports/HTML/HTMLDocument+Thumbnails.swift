// Images with their predictions, shown as a gallery of mistakes.

import TapFormats
import TapImages
import TapText

extension HTMLDocument {
  /// A small image and its caption.
  package struct CaptionedImage: Sendable, Hashable {
    /// The bytes of a JPEG file. With nil, ``absence`` is shown instead.
    package var jpeg: [UInt8]?
    /// The size of the image in pixels.
    package var width: Int
    package var height: Int
    /// The part of the image that the network received. The value is nil if the network received the whole image, or if
    /// the part is unknown.
    package var frame: Frame?
    /// The text that replaces a missing image: `the file is gone`.
    package var absence: String
    package var actual: String
    package var predicted: String
    /// The confidence of the prediction as text: `97.3 %`, `margin 2.31`.
    package var confidence: String
    package var path: String

    /// A part of an image. Its position and size are shares of the image's sides.
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
      jpeg: [UInt8]?, width: Int = 0, height: Int = 0, absence: String = "no image", actual: String,
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

  /// The largest side of images that are enlarged pixel by pixel. Otherwise a digit of 8×8 pixels would be blurred and
  /// unreadable.
  private static let tinySide = 40

  /// Adds images side by side, in rows as long as the window allows.
  package mutating func addThumbnails(_ thumbnails: [CaptionedImage]) {
    if thumbnails.contains(where: { $0.jpeg != nil && $0.frame != nil }) {
      addParagraph("The frame in an image is what the network saw of it: the rest was cropped away.")
    }
    add("<div class=\"thumbnails\">\n")
    for thumbnail in thumbnails {
      let alternative = HTMLDocument.escaped("\(thumbnail.path), \(thumbnail.actual)")
      if let jpeg = thumbnail.jpeg {
        let isTiny = max(thumbnail.width, thumbnail.height) <= HTMLDocument.tinySide
        add(
          "<figure class=\"image\"><img\(isTiny ? " class=\"tiny\"" : "") src=\"data:image/jpeg;base64,\(Base64.text(jpeg))\" width=\"\(thumbnail.width)\" "
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

  /// A rectangle over the image. The rectangle and the image have the same position and size on the page.
  private static func frame(of thumbnail: CaptionedImage) -> String {
    guard let frame = thumbnail.frame else { return "" }
    let (width, height) = (Double(thumbnail.width), Double(thumbnail.height))
    func text(_ value: Double) -> String { NumberText.fixed(value, digits: 1) }
    return
      "<svg class=\"crop\" viewBox=\"0 0 \(thumbnail.width) \(thumbnail.height)\" aria-hidden=\"true\"><rect x=\"\(text(frame.left * width))\" "
      + "y=\"\(text(frame.top * height))\" width=\"\(text(frame.width * width))\" height=\"\(text(frame.height * height))\"/></svg>"
  }
}
