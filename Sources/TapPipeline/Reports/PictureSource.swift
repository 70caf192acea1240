// Small pictures of evaluated images. The files may have changed or gone since their features were
// computed; then a report says so and goes on.

import TapFeatures
import TapFileSystem
import TapFormats
import TapImages
import TapProvenance
import TapReports

/// Where the images of an evaluation are looked for.
package struct PictureSource: Sendable {
  /// What paths of items are relative to; nil where items have no files.
  private let folder: String?
  /// Where else an image of this content may be.
  private let place: (@Sendable (String) -> String?)?
  /// How the network got the pictures; nil where that is not known.
  private let preprocessing: Preprocessing?

  /// - Parameters:
  ///   - folder: of the list that the items come from; nil where it is not known.
  ///   - store: the features' store, which remembers where images were.
  package init(folder: String?, store: FeatureStore?) {
    self.folder = folder
    place = store?.imagePlaces()
    preprocessing = store?.identity.preprocessing
  }

  /// A picture, or why there is none.
  package enum Picture {
    /// With the part that the network saw, where that is known.
    case found(Thumbnail, seen: VisiblePart?)
    case absent(String)
  }

  package func picture(of item: LabelledFeatures.Item) -> Picture {
    let candidates = [folder.map { FileSystem.join($0, item.path) }, place?(item.contentHash)].compactMap(
      \.self)
    var reason = "the place of the image is not known"
    for path in candidates {
      guard let status = try? FileSystem.status(path), status.isRegularFile,
        let bytes = try? FileSystem.read(path, atMost: ImageDecoder.maximumBytes)
      else {
        reason = "the file is gone or cannot be read"
        continue
      }
      guard item.contentHash.isEmpty || SHA256.hash(bytes).hex == item.contentHash else {
        reason = "the file has changed since"
        continue
      }
      do {
        let thumbnail = try Thumbnail(bytes)
        return .found(
          thumbnail,
          seen: preprocessing.map {
            VisiblePart(width: thumbnail.source.width, height: thumbnail.source.height, $0)
          })
      } catch { reason = error.description }
    }
    return .absent(reason)
  }
}
