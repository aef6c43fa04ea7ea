package coze

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// parsePrivateKey reads an RSA key in PEM as it comes from files and from environment variables, where line ends are often
// written as \n or lost. Errors never show a part of the key.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(repairPEM(text)))
	if block == nil {
		return nil, errors.New("PrivateKey is not PEM: it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----")
	}
	switch {
	case strings.Contains(block.Type, "PUBLIC") || strings.Contains(block.Type, "CERTIFICATE"):
		return nil, errors.New("PrivateKey holds a public key or a certificate: give the private key")
	case strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "":
		return nil, errors.New("PrivateKey is encrypted: give it without a passphrase")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("PrivateKey is damaged, or neither PKCS#1 nor PKCS#8")
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("PrivateKey is a %T: RS256 needs one of RSA", key)
	}
	return rsaKey, nil
}

// repairPEM puts back the line ends of a key.
func repairPEM(text string) string {
	text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n", "\r\n", "\n").Replace(text)
	text = strings.Trim(text, " \t\n\"'\ufeff")
	if strings.Contains(text, "\n") {
		return text + "\n"
	}
	const dashes = "-----" // of BEGIN and END; between them a line got lost its ends
	parts := strings.SplitN(text, dashes, 4)
	if len(parts) < 4 {
		return text
	}
	return dashes + parts[1] + dashes + "\n" + strings.Join(strings.Fields(parts[2]), "\n") + "\n" + dashes + parts[3] + "\n"
}
