package cover

import (
	"fmt"
	"io"
)

// badgeText is what the badge says: operations that are methods, and entries of the catalogue that are covered.
func (r *Report) badgeText() string {
	_, all := r.services()
	return fmt.Sprintf("%d/%d operations, %d/%d catalogue entries", all.Methods, all.Operations, r.Catalogue.Covered, r.Catalogue.All)
}

const (
	badgeLabel = "API coverage"
	letter     = 6.6 // pixels of a letter at 11 pixels, on average
	margin     = 10  // pixels at both ends of a half
)

const badgeSVG = `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[5]s: %[6]s">
  <title>%[5]s: %[6]s</title>
  <rect width="%[1]d" height="20" rx="3" fill="#444"/>
  <path d="M%[2]d 0h%[3]dq3 0 3 3v14q0 3-3 3h-%[3]dz" fill="%[4]s"/>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="%[7]d" y="14" textLength="%[8]d">%[5]s</text>
    <text x="%[9]d" y="14" textLength="%[10]d">%[6]s</text>
  </g>
</svg>
`

// WriteBadge draws the badge of the README as SVG: green while nothing fell behind, else red.
func (r *Report) WriteBadge(w io.Writer) error {
	text, color := r.badgeText(), "#2a7d2e"
	if len(r.Problems) > 0 {
		color = "#b3261e"
	}
	left, right := width(badgeLabel), width(text)
	_, err := fmt.Fprintf(w, badgeSVG, left+right, left, right-3, color, badgeLabel, text,
		margin, left-2*margin, left+margin, right-2*margin)
	return err
}

func width(text string) int { return int(letter*float64(len(text))) + 2*margin }
